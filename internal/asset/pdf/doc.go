// Package pdf looks at documents and makes them of pictures.
//
// Look reads strangers' files, and PDF is a format in which much can go wrong. So each is read by PDFium inside a
// WebAssembly machine of its own, which has no files, no network and no clock, limited memory and limited time, and which is
// thrown away afterwards.
package pdf
