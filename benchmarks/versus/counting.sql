-- What the workload `consume` updates.
CREATE TABLE counters (
    user_id BIGINT PRIMARY KEY,
    visits  BIGINT NOT NULL
);
