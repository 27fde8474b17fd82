-- Names, types and defaults that a generator can stumble over, in more text than compilers take in one literal.
-- This ends a raw literal: )sql" and this one too: )sql1"
CREATE TABLE classes (
    class BIGINT PRIMARY KEY AUTO_INCREMENT,
    "int" INT NOT NULL,
    "odd name" SMALLINT NOT NULL DEFAULT -5,
    "odd-name" SMALLINT,
    "odd  name" SMALLINT,
    "한국" TEXT DEFAULT 'with "quotes", \ and
a line',
    "1st" BOOLEAN DEFAULT TRUE,
    Class_ BOOLEAN NOT NULL DEFAULT FALSE,
    amphora DATE DEFAULT '1969-12-31',
    schema TIME DEFAULT '-00:00:01',
    to_string DATETIME NOT NULL DEFAULT '2026-01-31 12:34:56.789012',
    moment DATETIME NOT NULL DEFAULT NOW(),
    smallest BIGINT DEFAULT -9223372036854775808,
    price DECIMAL(10,2) NOT NULL DEFAULT -1.5,
    huge DECIMAL(38,2) DEFAULT 123456789012345678901234567890.12,
    half FLOAT DEFAULT 0.5,
    third DOUBLE NOT NULL DEFAULT 1e300,
    whole FLOAT NOT NULL DEFAULT 2,
    raw BLOB DEFAULT X'00ff27',
    document JSON,
    state ENUM ('NEW', 'in progress', 'in-progress', 'delete', '3RD', '한') NOT NULL DEFAULT 'delete',
    ClassState INT,
    UNIQUE INDEX "odd index" (state, "odd name", "한국"),
    UNIQUE (price, moment, half),
    UNIQUE (raw, "int", "1st")
);
CREATE TABLE class (amphora VARCHAR(10), at DATETIME, state ENUM ('X'), PRIMARY KEY (amphora, at, state));
CREATE TABLE "user statuses" (id SMALLINT PRIMARY KEY);
CREATE TABLE new_classes (n BIGINT PRIMARY KEY AUTO_INCREMENT);
CREATE COLLECTION namespace (n BIGINT);
-- line 000 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 001 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 002 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 003 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 004 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 005 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 006 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 007 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 008 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 009 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 010 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 011 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 012 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 013 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 014 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 015 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 016 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 017 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 018 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 019 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 020 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 021 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 022 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 023 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 024 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 025 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 026 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 027 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 028 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 029 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 030 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 031 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 032 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 033 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 034 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 035 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 036 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 037 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 038 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 039 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 040 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 041 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 042 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 043 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 044 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 045 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 046 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 047 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 048 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 049 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 050 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 051 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 052 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 053 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 054 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 055 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 056 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 057 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 058 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 059 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 060 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 061 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 062 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 063 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 064 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 065 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 066 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 067 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 068 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 069 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 070 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 071 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 072 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 073 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 074 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 075 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 076 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 077 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 078 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 079 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 080 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 081 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 082 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 083 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 084 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 085 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 086 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 087 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 088 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 089 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 090 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 091 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 092 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 093 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 094 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 095 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 096 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 097 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 098 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 099 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 100 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 101 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 102 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 103 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 104 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 105 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 106 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 107 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 108 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 109 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 110 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 111 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 112 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 113 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 114 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 115 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 116 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 117 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 118 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 119 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 120 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 121 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 122 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 123 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 124 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 125 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 126 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 127 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 128 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 129 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 130 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 131 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 132 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 133 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 134 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 135 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 136 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 137 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 138 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 139 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 140 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 141 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 142 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 143 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 144 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 145 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 146 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 147 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 148 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 149 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 150 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 151 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 152 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 153 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 154 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 155 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 156 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 157 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 158 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 159 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 160 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 161 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 162 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 163 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 164 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 165 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 166 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 167 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 168 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 169 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 170 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 171 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 172 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 173 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 174 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 175 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 176 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 177 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 178 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 179 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 180 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 181 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 182 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 183 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 184 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 185 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 186 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 187 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 188 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 189 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 190 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 191 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 192 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 193 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 194 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 195 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 196 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 197 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 198 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
-- line 199 of a comment that makes this text longer than one literal may be: 한국어 주석도 있습니다.
