-- AI feedback on learners: figures as columns, findings as documents.
--
-- Both refer to the table users, which belongs to mission.sql. So that this module can also be used alone, it
-- declares the same table IF NOT EXISTS. Together with mission.sql, or in a database that already has the table
-- users, that table is used, and this declaration only names the columns that it must have. A test compares the
-- two declarations, so that a database that begins with learning alone takes mission.sql later without a change.
CREATE TABLE IF NOT EXISTS users (
    user_id             BIGINT PRIMARY KEY AUTO_INCREMENT,
    name                VARCHAR(50) NOT NULL,
    email               VARCHAR(100) UNIQUE NOT NULL,
    phone_num           VARCHAR(20) UNIQUE NULL,
    is_phone_authorized BOOLEAN DEFAULT FALSE,
    point               INT DEFAULT 0,
    created_at          DATETIME DEFAULT NOW(),
    updated_at          DATETIME ON UPDATE NOW()
);

-- The figures follow from the documents of ai_feedback: a consumer counts each document once, in the commit that
-- moves its own position (tools/demo_work/figures.cpp).
CREATE TABLE learning_metrics (
    user_id        BIGINT PRIMARY KEY REFERENCES users (user_id) ON DELETE CASCADE,
    progress_rate  DECIMAL(5,2) NOT NULL DEFAULT 0 CHECK (progress_rate BETWEEN 0 AND 100),
    level          INT NOT NULL DEFAULT 1,
    feedback_count INT NOT NULL DEFAULT 0,
    updated_at     DATETIME
);

-- One document for each answer of the model: diagnosis of the learner's state, weak topics with scores,
-- recommendations, a message of encouragement. New fields of analysis appear without a change here.
CREATE COLLECTION ai_feedback (
    user_id    BIGINT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    created_at DATETIME NOT NULL,
    model      TEXT
);
CREATE INDEX ai_feedback_by_user ON ai_feedback (user_id, created_at);
