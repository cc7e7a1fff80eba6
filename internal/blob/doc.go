// Package blob keeps files: originals and renditions of the library, inbound attachments, exports.
//
// There are two places to keep them, a folder and an S3 bucket, and one behaviour, which one suite of tests checks
// on both: a Put is seen whole or not at all, and what it acknowledged survives a power cut; deleting what is gone
// succeeds; a key is checked before it is used, so that no name leads out of the folder.
//
// It must never interpret content, decide who may see a file, or use a name that a stranger chose as a key: keys
// are made from ids and checksums (ContentKey).
package blob
