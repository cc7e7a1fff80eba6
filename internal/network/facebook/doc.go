// Package facebook is the connector of Facebook Pages, over the Graph API with Facebook Login.
//
// Pictures are uploaded unpublished and attached to one call that makes the post, so that each post has one public call;
// a lost answer to it is looked up among the Page's own posts. A video's or reel's id is known before it is published:
// after a lost answer its state is read, and publishing the same id again makes no second video.
//
// It must never publish a picture by uploading it, never take an older post of the same words for a lost one, and never
// send a message outside Meta's windows.
package facebook
