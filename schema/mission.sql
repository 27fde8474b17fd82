-- Stores, users and the missions they take on.
--
-- In third normal form: a store knows its region by number, never by name; a review knows its user by
-- number; pictures are rows of their own, in order.

CREATE TABLE regions (
    region_id   BIGINT PRIMARY KEY,
    region_name VARCHAR(50) NOT NULL UNIQUE
);

CREATE TABLE stores (
    store_id    BIGINT PRIMARY KEY AUTO_INCREMENT,
    name        VARCHAR(100) NOT NULL,
    longitude   DECIMAL(9,6) NOT NULL,
    latitude    DECIMAL(9,6) NOT NULL,
    type        ENUM ('RESTAURANT', 'CAFE', 'BAR', 'RETAIL', 'SERVICE', 'OTHER') NOT NULL,
    address     VARCHAR(255) NOT NULL,
    status      ENUM ('OPEN', 'CLOSED', 'SUSPENDED') NOT NULL,
    created_at  DATETIME NOT NULL,
    updated_at  DATETIME NOT NULL,
    store_score FLOAT NOT NULL,
    region_id   BIGINT NOT NULL REFERENCES regions (region_id)
);
CREATE INDEX stores_by_region ON stores (region_id);

CREATE TABLE users (
    user_id             BIGINT PRIMARY KEY AUTO_INCREMENT,
    name                VARCHAR(50) NOT NULL,
    email               VARCHAR(100) UNIQUE NOT NULL,
    phone_num           VARCHAR(20) UNIQUE NULL,
    is_phone_authorized BOOLEAN DEFAULT FALSE,
    point               INT DEFAULT 0,
    created_at          DATETIME DEFAULT NOW(),
    updated_at          DATETIME ON UPDATE NOW()
);

CREATE TABLE missions (
    mission_id     BIGINT PRIMARY KEY,
    point          BIGINT NOT NULL,
    mission_number BIGINT NOT NULL,          -- the owner's own number for it
    content        VARCHAR(255) NOT NULL,
    created_at     DATETIME NOT NULL,
    store_id       BIGINT NULL REFERENCES stores (store_id),
    period         TIME NOT NULL,            -- how long it may take
    status         ENUM ('AVAILABLE', 'PAUSED', 'ENDED') NOT NULL
);
CREATE INDEX missions_by_store ON missions (store_id);

CREATE TABLE user_missions (
    user_mission_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    start_at        DATETIME NOT NULL,
    mission_id      BIGINT NOT NULL REFERENCES missions (mission_id),
    user_id         BIGINT NOT NULL REFERENCES users (user_id),
    status          ENUM ('CHALLENGING', 'SUCCESS', 'FAILED') NOT NULL
);
-- A user takes a mission once, however often the button is pressed.
CREATE UNIQUE INDEX idx_user_mission ON user_missions (user_id, mission_id);
CREATE INDEX user_missions_by_mission ON user_missions (mission_id);

CREATE TABLE reviews (
    review_id    BIGINT PRIMARY KEY AUTO_INCREMENT,
    review_score INT NOT NULL CHECK (review_score BETWEEN 1 AND 5),
    content      VARCHAR(1000) NOT NULL,
    created_at   DATETIME NOT NULL,
    updated_at   DATETIME,
    store_id     BIGINT NOT NULL REFERENCES stores (store_id),
    user_id      BIGINT NOT NULL REFERENCES users (user_id)
);
CREATE INDEX reviews_by_store ON reviews (store_id);
CREATE INDEX reviews_by_user ON reviews (user_id);

CREATE TABLE review_images (
    review_img_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    img_url       VARCHAR(255) NOT NULL,
    review_order  INT NOT NULL,
    is_main       BOOLEAN NOT NULL,
    review_id     BIGINT NOT NULL REFERENCES reviews (review_id) ON DELETE CASCADE,
    UNIQUE (review_id, review_order)
);

CREATE TABLE inquiries (
    inquiry_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    type       VARCHAR(20),
    title      VARCHAR(100) NOT NULL,
    content    VARCHAR(255) NOT NULL,
    is_replied BOOLEAN,
    created_at DATETIME,
    updated_at DATETIME,
    user_id    BIGINT NOT NULL REFERENCES users (user_id)
);
CREATE INDEX inquiries_by_user ON inquiries (user_id);

CREATE TABLE inquiry_images (
    inquiry_img_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    img_url        VARCHAR(255) NOT NULL,
    inquiry_order  INT NOT NULL,
    is_main        BOOLEAN NOT NULL,
    inquiry_id     BIGINT NOT NULL REFERENCES inquiries (inquiry_id) ON DELETE CASCADE,
    UNIQUE (inquiry_id, inquiry_order)
);

CREATE TABLE alarms (
    alarm_id   BIGINT PRIMARY KEY AUTO_INCREMENT,
    content    VARCHAR(255) NOT NULL,
    type       ENUM ('MISSION', 'REVIEW', 'POINT', 'NOTICE') NOT NULL,
    is_read    BOOLEAN,
    created_at DATETIME NOT NULL,
    user_id    BIGINT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX alarms_by_user ON alarms (user_id);

-- What users did. Everything beyond these fields is free.
CREATE COLLECTION activity_logs (
    user_id BIGINT REFERENCES users (user_id) ON DELETE CASCADE,
    at      DATETIME NOT NULL DEFAULT NOW(),
    event   TEXT
) WITH (retain = '90 days', retain_by = 'at');
CREATE INDEX activity_by_user ON activity_logs (user_id, at);
CREATE INDEX activity_by_time ON activity_logs (at);
