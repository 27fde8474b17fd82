-- What the demo adds to mission.sql for the city's restaurants: everything about an inspection that is not a
-- figure of the store. Documents belong to a store's row and go with it.
CREATE COLLECTION inspections (
    store_id BIGINT NOT NULL REFERENCES stores (store_id) ON DELETE CASCADE,
    cuisine  VARCHAR(80) NOT NULL
);
CREATE UNIQUE INDEX inspections_by_store ON inspections (store_id);
CREATE INDEX inspections_by_cuisine ON inspections (cuisine, store_id);
CREATE INDEX inspections_by_grade ON inspections (grades.grade);
