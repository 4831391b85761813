"""The event log in Kafka: a topic with as many partitions as the data in Redis. Offsets and states stay in Redis."""
