#include "workload/schema.hpp"

namespace amphora::workload {

const Schema schema{"workload", R"sql(
CREATE TABLE owners (
    owner_id BIGINT PRIMARY KEY,
    name     VARCHAR(60) NOT NULL,
    email    VARCHAR(60) UNIQUE,
    balance  BIGINT NOT NULL DEFAULT 0 CHECK (balance >= 0),
    grade    ENUM ('LOW', 'HIGH') NOT NULL DEFAULT 'LOW'
);
CREATE INDEX owners_by_balance ON owners (balance, name);

-- Labels go beyond what an LMDB key holds: the index then keeps a prefix and a hash.
CREATE TABLE items (
    item_id  BIGINT PRIMARY KEY,
    owner_id BIGINT NOT NULL REFERENCES owners (owner_id) ON DELETE CASCADE,
    label    VARCHAR(700) NOT NULL
);
CREATE UNIQUE INDEX items_by_owner ON items (owner_id, label);

-- An owner with a loan cannot be erased.
CREATE TABLE loans (
    loan_id  BIGINT PRIMARY KEY,
    owner_id BIGINT NOT NULL REFERENCES owners (owner_id),
    amount   DECIMAL(9, 2) NOT NULL
);
CREATE INDEX loans_by_owner ON loans (owner_id);

CREATE TABLE receipts (
    receipt_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    thread     INT NOT NULL,
    serial     BIGINT NOT NULL,
    owner_id   BIGINT NOT NULL REFERENCES owners (owner_id) ON DELETE CASCADE,
    amount     DOUBLE NOT NULL
);
CREATE UNIQUE INDEX receipts_by_serial ON receipts (thread, serial);
CREATE INDEX receipts_by_owner ON receipts (owner_id);

-- How many transactions each thread has done, as both stores know it.
CREATE TABLE progress (thread INT PRIMARY KEY, done BIGINT NOT NULL);
CREATE COLLECTION marks (done BIGINT NOT NULL);

CREATE COLLECTION notes (
    owner_id BIGINT NOT NULL REFERENCES owners (owner_id) ON DELETE CASCADE,
    count    BIGINT NOT NULL
);
CREATE UNIQUE INDEX notes_by_slug ON notes (slug);
CREATE INDEX notes_by_owner ON notes (owner_id, count);
CREATE INDEX notes_by_tag ON notes (tags);

CREATE COLLECTION pictures (
    item_id BIGINT NOT NULL REFERENCES items (item_id) ON DELETE CASCADE
);
CREATE INDEX pictures_by_item ON pictures (item_id);

-- A trail lives for a thousand years, or has expired long ago.
CREATE COLLECTION trails (until DATETIME NOT NULL, steps BIGINT) WITH (expire_by = 'until');

-- What consumers make of the changes of owners, items and notes.
CREATE TABLE owner_copies (
    owner_id BIGINT PRIMARY KEY,
    name     VARCHAR(60) NOT NULL,
    balance  BIGINT NOT NULL
);
CREATE TABLE item_copies (
    item_id  BIGINT PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    label    VARCHAR(700) NOT NULL
);
CREATE COLLECTION note_copies (count BIGINT NOT NULL);
)sql"};

}  // namespace amphora::workload
