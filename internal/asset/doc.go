// Package asset is the library: pictures and videos with their alt texts, focal points and the renditions each
// network gets.
//
// It promises that a file is what its bytes say and not what its name says, that sizes are checked before anything is
// decoded, that metadata (places, cameras, scripts) is stripped by drawing the picture anew, that originals are kept,
// and that nothing is ever enlarged. Videos are kept as they are: this version does not transcode them.
package asset
