"""The shapes of requests and replies, as structs: what the OpenAPI document is made from, and what tests read answers with."""
