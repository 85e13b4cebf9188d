-- The tables of the first releases, which knew no versions: they may be there already.
CREATE TABLE IF NOT EXISTS orders (
    number VARCHAR(20) PRIMARY KEY,
    email VARCHAR(254) NOT NULL,
    item VARCHAR(200) NOT NULL,
    state VARCHAR(20) NOT NULL,
    carrier VARCHAR(80),
    date DATE NOT NULL
);
CREATE TABLE IF NOT EXISTS stores (
    language VARCHAR(8) PRIMARY KEY,
    hours VARCHAR(200) NOT NULL,
    address VARCHAR(200) NOT NULL,
    phone VARCHAR(40) NOT NULL,
    email VARCHAR(254) NOT NULL
);
CREATE TABLE IF NOT EXISTS verification_tries (
    id VARCHAR(32) NOT NULL,
    "key" VARCHAR(64) NOT NULL,
    at FLOAT NOT NULL,
    PRIMARY KEY (id, "key")
);
