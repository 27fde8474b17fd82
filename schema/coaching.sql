-- One coach, many mentees, one slot.
--
-- A slot is booked by an insert into mentee_schedule. If several mentees try, the primary key lets one of them
-- succeed. A cancellation deletes that row, sets match_yn back and records itself in cancel_request. The slot can
-- then be booked again, any number of times.

CREATE TABLE members (
    member_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    name      VARCHAR(50) NOT NULL,
    email     VARCHAR(100) UNIQUE NOT NULL,
    role      ENUM ('COACH', 'MENTEE') NOT NULL
);

CREATE TABLE coaching_schedule (
    coaching_schedule_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    coach_id             BIGINT NOT NULL REFERENCES members (member_id),
    starts_at            DATETIME NOT NULL,
    ends_at              DATETIME NOT NULL,
    match_yn             BOOLEAN NOT NULL DEFAULT FALSE,
    UNIQUE (coach_id, starts_at)
);

CREATE TABLE mentee_schedule (
    coaching_schedule_id BIGINT PRIMARY KEY REFERENCES coaching_schedule (coaching_schedule_id),
    mentee_id            BIGINT NOT NULL REFERENCES members (member_id),
    created_at           DATETIME NOT NULL
);
CREATE INDEX mentee_schedule_by_mentee ON mentee_schedule (mentee_id);

CREATE TABLE cancel_request (
    cancel_request_id    BIGINT PRIMARY KEY AUTO_INCREMENT,
    coaching_schedule_id BIGINT NOT NULL REFERENCES coaching_schedule (coaching_schedule_id),
    requested_by         BIGINT NOT NULL REFERENCES members (member_id),
    reason               VARCHAR(255),
    created_at           DATETIME NOT NULL
);
CREATE INDEX cancel_request_by_slot ON cancel_request (coaching_schedule_id);
CREATE INDEX cancel_request_by_member ON cancel_request (requested_by);

CREATE TABLE feedback (
    feedback_id          BIGINT PRIMARY KEY AUTO_INCREMENT,
    coaching_schedule_id BIGINT NOT NULL REFERENCES coaching_schedule (coaching_schedule_id),
    writer_id            BIGINT NOT NULL REFERENCES members (member_id),
    content              VARCHAR(1000) NOT NULL,
    created_at           DATETIME NOT NULL,
    UNIQUE (coaching_schedule_id, writer_id)
);
CREATE INDEX feedback_by_writer ON feedback (writer_id);
