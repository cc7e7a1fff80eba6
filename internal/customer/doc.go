// Package customer is what people bought: orders with refunds, from shops, by API or by file.
//
// It promises that an order number of a shop exists once however often it arrives, that a second arrival with
// another amount waits for a decision instead of overwriting, and that every row of a file is kept with what became
// of it. Money is integer minor units and a currency.
package customer
