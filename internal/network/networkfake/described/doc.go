// Package described judges requests by the description of its API that a network publishes: an OpenAPI document (3.0
// or 3.1, JSON or YAML) or one of Google's discovery documents. Only tests use it, and only where the description is
// at hand; none is part of this repository.
package described
