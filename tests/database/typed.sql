-- An application's schema, for typed_test.cpp.
CREATE TABLE players (
    player_id BIGINT PRIMARY KEY AUTO_INCREMENT,
    name      VARCHAR(50) NOT NULL,
    email     VARCHAR(100) UNIQUE NOT NULL,
    points    INT NOT NULL DEFAULT 0,
    rank      ENUM ('FRESH', 'KNOWN', 'MASTER') NOT NULL DEFAULT 'FRESH',
    phone     VARCHAR(20),
    born      DATE,
    seen_at   DATETIME NOT NULL DEFAULT NOW(),
    changed_at DATETIME ON UPDATE NOW()
);
CREATE INDEX players_by_points ON players (points);
CREATE TABLE scores (
    player_id BIGINT NOT NULL REFERENCES players (player_id) ON DELETE CASCADE,
    game      VARCHAR(20),
    fee       DECIMAL(8,2) NOT NULL,
    length    TIME NOT NULL DEFAULT '00:10:00',
    PRIMARY KEY (player_id, game)
);
