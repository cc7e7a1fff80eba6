// Package graphfake is what the fakes of Meta's networks share: a server that answers as the Graph API does. It reads
// paths as nodes and edges, proves tokens and appsecret_proof, answers only the fields that are asked for, page by page,
// refuses in Graph's own form, keeps conversations, signs people in, and checks each request against Meta's published
// object descriptions (Describe).
package graphfake
