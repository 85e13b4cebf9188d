-- An order holds items, sums, an address and payments, the store has branches, and all that a skill can change is added.
CREATE TABLE items (
    number VARCHAR(20) NOT NULL,
    position INTEGER NOT NULL,
    sku VARCHAR(40) NOT NULL,
    name VARCHAR(200) NOT NULL,
    quantity INTEGER NOT NULL,
    price VARCHAR(24) NOT NULL,
    PRIMARY KEY (number, position)
);
INSERT INTO items SELECT number, 0, '', item, 1, '0' FROM orders;
ALTER TABLE orders RENAME TO first_orders;
CREATE TABLE orders (
    number VARCHAR(20) NOT NULL PRIMARY KEY,
    email VARCHAR(254) NOT NULL,
    state VARCHAR(20) NOT NULL,
    carrier VARCHAR(80),
    tracking VARCHAR(40),
    placed DATE NOT NULL,
    date DATE NOT NULL,
    address VARCHAR(200) NOT NULL,
    city VARCHAR(80) NOT NULL,
    country VARCHAR(2) NOT NULL,
    total VARCHAR(24) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    total_usd VARCHAR(24) NOT NULL
);
INSERT INTO orders SELECT number, lower(email), state, carrier, NULL, date, date, '', '', '', '0', 'USD', '0' FROM first_orders;
DROP TABLE first_orders;
CREATE INDEX ix_orders_email ON orders (email);
ALTER TABLE stores RENAME TO first_stores;
CREATE TABLE stores (
    language VARCHAR(8) NOT NULL PRIMARY KEY,
    name VARCHAR(120) NOT NULL,
    phone VARCHAR(40) NOT NULL,
    email VARCHAR(254) NOT NULL
);
CREATE TABLE branches (
    language VARCHAR(8) NOT NULL,
    position INTEGER NOT NULL,
    city VARCHAR(80) NOT NULL,
    address VARCHAR(200) NOT NULL,
    hours VARCHAR(200) NOT NULL,
    PRIMARY KEY (language, position)
);
INSERT INTO stores SELECT language, '', phone, email FROM first_stores;
INSERT INTO branches SELECT language, 0, '', address, hours FROM first_stores;
DROP TABLE first_stores;
CREATE TABLE customers (
    email VARCHAR(254) NOT NULL PRIMARY KEY,
    id VARCHAR(20) NOT NULL,
    name VARCHAR(120) NOT NULL,
    phone VARCHAR(40) NOT NULL,
    country VARCHAR(2) NOT NULL,
    language VARCHAR(8) NOT NULL,
    vip BOOLEAN NOT NULL
);
CREATE TABLE payments (
    id VARCHAR(40) NOT NULL PRIMARY KEY,
    number VARCHAR(20) NOT NULL,
    state VARCHAR(20) NOT NULL,
    method VARCHAR(80) NOT NULL,
    amount VARCHAR(24) NOT NULL,
    reason VARCHAR(40),
    at DATE NOT NULL
);
CREATE INDEX ix_payments_number ON payments (number);
CREATE TABLE refunds (
    number VARCHAR(20) NOT NULL PRIMARY KEY,
    amount VARCHAR(24) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    state VARCHAR(20) NOT NULL,
    method VARCHAR(80) NOT NULL,
    reason VARCHAR(500) NOT NULL,
    requested DATE NOT NULL,
    expected DATE NOT NULL
);
CREATE TABLE returns (
    label VARCHAR(20) NOT NULL PRIMARY KEY,
    number VARCHAR(20) NOT NULL,
    sku VARCHAR(40) NOT NULL,
    item VARCHAR(200) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    reason VARCHAR(500) NOT NULL,
    wish VARCHAR(500),
    carrier VARCHAR(80) NOT NULL,
    requested DATE NOT NULL,
    hand_in_by DATE NOT NULL
);
CREATE INDEX ix_returns_number ON returns (number);
CREATE TABLE invoices (
    number VARCHAR(20) NOT NULL PRIMARY KEY,
    id VARCHAR(40) NOT NULL UNIQUE,
    tax_id VARCHAR(40) NOT NULL,
    name VARCHAR(120) NOT NULL,
    total VARCHAR(24) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    issued DATE NOT NULL,
    link VARCHAR(300) NOT NULL
);
CREATE TABLE payment_links (
    link VARCHAR(300) NOT NULL PRIMARY KEY,
    number VARCHAR(20) NOT NULL,
    made DATE NOT NULL
);
CREATE INDEX ix_payment_links_number ON payment_links (number);
CREATE TABLE password_resets (
    email VARCHAR(254) NOT NULL PRIMARY KEY,
    requested DATE NOT NULL
);
CREATE TABLE products (
    sku VARCHAR(40) NOT NULL,
    language VARCHAR(8) NOT NULL,
    name VARCHAR(200) NOT NULL,
    detail VARCHAR(1000) NOT NULL,
    prices JSON NOT NULL,
    stock INTEGER NOT NULL,
    sizes JSON NOT NULL,
    colours JSON NOT NULL,
    warranty_months INTEGER NOT NULL,
    PRIMARY KEY (sku, language)
);
CREATE TABLE deliveries (
    place VARCHAR(80) NOT NULL PRIMARY KEY,
    city VARCHAR(80) NOT NULL,
    country VARCHAR(2) NOT NULL,
    days_from INTEGER NOT NULL,
    days_to INTEGER NOT NULL,
    currency VARCHAR(3) NOT NULL,
    cost VARCHAR(24) NOT NULL,
    free_from VARCHAR(24),
    express_days INTEGER,
    express_cost VARCHAR(24)
);
CREATE TABLE payment_methods (
    language VARCHAR(8) NOT NULL,
    country VARCHAR(2) NOT NULL,
    position INTEGER NOT NULL,
    kind VARCHAR(20) NOT NULL,
    name VARCHAR(80) NOT NULL,
    instalments INTEGER NOT NULL,
    note VARCHAR(300),
    PRIMARY KEY (language, country, position)
);
CREATE TABLE faq (
    language VARCHAR(8) NOT NULL,
    position INTEGER NOT NULL,
    questions JSON NOT NULL,
    answer VARCHAR(1000) NOT NULL,
    PRIMARY KEY (language, position)
);
CREATE TABLE brought (
    kind VARCHAR(40) NOT NULL PRIMARY KEY
);
CREATE TABLE writes (
    "key" VARCHAR(200) NOT NULL PRIMARY KEY,
    number VARCHAR(20) NOT NULL,
    asked TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE INDEX ix_writes_number ON writes (number);
