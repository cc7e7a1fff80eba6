// Package web is the server of the screens: one route table, one place that asks whether the person may, and the
// promises of every answer (headers, sizes, rates, request ids).
//
// It holds no rule of the domain and no query. A screen is a package below it; package page is what a screen gets.
package web
