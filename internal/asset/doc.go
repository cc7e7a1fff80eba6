// Package asset is the library: pictures and videos with their alt texts, focal points and the renditions each
// network gets.
//
// It promises that a file is what its bytes say and not what its name says, that sizes are checked before anything is
// decoded, that metadata (places, cameras, scripts) is stripped from what leaves the house, that the original is kept,
// and that nothing is ever enlarged. Pictures are stripped by drawing them anew, with their colour profile; videos by
// blanking the boxes that hold metadata: this version does not transcode them.
//
// It must never decode what it has not measured, follow a name into a path, or hand a file to another workspace.
package asset
