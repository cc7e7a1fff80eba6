// Package strategy is what a brand wants and how it means to get there: goals with a KPI, a baseline, a target and a
// period.
//
// It promises that a goal's old targets are kept when it is adjusted, and that its health is computed from the
// numbers it names and can be opened down to their rows. How far a goal is, package insight reads; this one never
// keeps a number it could compute.
package strategy
