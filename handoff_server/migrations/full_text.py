"""What SQLite and PostgreSQL need to find words, and the triggers that keep it true whoever writes.

Beside `messages` stands `message_words`, beside `keywords` stands `keyword_words`: on SQLite an FTS5 index that keeps
no text of its own, on PostgreSQL a table with a GIN index; both are asked by id. Not indexed are the lines of the
server, which are alike everywhere, and what a customer has deleted. `keywords` holds one row for each conversation:
customer's name, keys of cases, order numbers. A change of them makes a new row, so ids grow with what is known.

A later migration that has SQLite copy one of these tables (Alembic's batch mode) drops its triggers: it must end with
`create_triggers`.
"""

import sqlalchemy as sa

# Prefixes of up to six letters have an index of their own; the words behind longer ones are few enough to be merged.
_FTS = "tokenize='unicode61 remove_diacritics 2', prefix='1 2 3 4 5 6', columnsize=0"
_FOUND = "{row}.author <> 'system' AND {row}.deleted_at IS NULL"
# A key is also found when its dash is left out.
_WORDS = "{row}.text || ' ' || replace({row}.text, '-', '')"


def create(connection: sa.Connection) -> None:
    """The indexes, filled from what is there, and the triggers."""
    if connection.dialect.name == "sqlite":
        _run(connection, *_SQLITE)
    else:
        if connection.scalar(sa.text("SHOW server_encoding")) != "UTF8":
            raise RuntimeError("the database's encoding is not UTF8; create it again with ENCODING 'UTF8'")
        _run(connection, *_POSTGRES)
    create_triggers(connection)
    _run(connection, _FILL_KEYWORDS.format(**_DIALECT[connection.dialect.name]))


def create_triggers(connection: sa.Connection) -> None:
    _run(connection, *(_SQLITE_TRIGGERS if connection.dialect.name == "sqlite" else _POSTGRES_TRIGGERS))


def drop(connection: sa.Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    for table, names in _TRIGGERS.items():
        _run(connection, *(f"DROP TRIGGER IF EXISTS {name}{'' if sqlite else f' ON {table}'}" for name in names))
    _run(connection, "DROP TABLE message_words", "DROP TABLE keyword_words")
    if not sqlite:
        _run(connection, *(f"DROP FUNCTION {name}" for name in _FUNCTIONS))


def _run(connection: sa.Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


_DIALECT = {
    "sqlite": {
        "keys": "group_concat(tracking_key, ' ')",
        "orders": "group_concat(DISTINCT json_extract(collected, '$.order_number'))",
    },
    "postgresql": {
        "keys": "string_agg(tracking_key, ' ')",
        "orders": "string_agg(DISTINCT collected ->> 'order_number', ',')",
    },
}
_KEYWORDS = """
    INSERT INTO keywords (conversation_id, text, after_message_id)
    SELECT id, text, {after} FROM (
        SELECT c.id, c.last_message_id, trim(coalesce(c.customer_name, '')
            || ' ' || coalesce((SELECT {keys} FROM cases WHERE conversation_id = c.id), '')
            || ' ' || coalesce((SELECT {orders} FROM handoffs WHERE conversation_id = c.id), '')) AS text
        FROM conversations AS c {where}
    ) AS known WHERE text <> '' """
_FILL_KEYWORDS = _KEYWORDS.replace("{after}", "last_message_id").replace("{where}", "") + "ORDER BY last_message_id"
_KEEP_KEYWORDS = (
    "DELETE FROM keywords WHERE conversation_id = {about};"
    + _KEYWORDS.replace("{after}", "(SELECT coalesce(max(id), 0) FROM messages)").replace(
        "{where}", "WHERE c.id = {about}"
    )
    + ";"
)

_SQLITE = (
    f"CREATE VIRTUAL TABLE message_words USING fts5(text, content='messages', content_rowid='id', {_FTS})",
    f"CREATE VIRTUAL TABLE keyword_words USING fts5(text, content='keywords', content_rowid='id', {_FTS})",
    "INSERT INTO message_words (rowid, text) SELECT id, text FROM messages WHERE " + _FOUND.format(row="messages"),
)


def _fts_trigger(table: str, words: str, when: str, found: str = "{row}.id") -> str:
    """After a row came, changed or went: out of the index with what it was, in with what it is."""
    name = f"{table}_words_{when.split()[0].lower()}"
    old, new = words.format(row="old"), words.format(row="new")
    index = f"{table.removesuffix('s')}_words"
    out = f"INSERT INTO {index} ({index}, rowid, text) SELECT 'delete', old.id, {old} WHERE {found.format(row='old')};"
    into = f"INSERT INTO {index} (rowid, text) SELECT new.id, {new} WHERE {found.format(row='new')};"
    steps = {"INSERT": into, "DELETE": out}.get(when, out + into)
    return f"CREATE TRIGGER {name} AFTER {when} ON {table} BEGIN {steps} END"


def _keyword_trigger(table: str, about: str, when: str, condition: str = "true") -> str:
    keep = _KEEP_KEYWORDS.format(about=about, **_DIALECT["sqlite"])
    name = f"{table}_keywords_{when.split()[0].lower()}"
    return f"CREATE TRIGGER {name} AFTER {when} ON {table} WHEN {condition} BEGIN {keep} END"


_ORDER = "json_extract({row}.collected, '$.order_number')"
_SQLITE_TRIGGERS = (
    _fts_trigger("messages", "{row}.text", "INSERT", _FOUND),
    _fts_trigger("messages", "{row}.text", "UPDATE OF text, deleted_at", _FOUND),
    _fts_trigger("messages", "{row}.text", "DELETE", _FOUND),
    _fts_trigger("keywords", _WORDS, "INSERT"),
    _fts_trigger("keywords", _WORDS, "DELETE"),
    _keyword_trigger("conversations", "new.id", "INSERT", "new.customer_name IS NOT NULL"),
    _keyword_trigger(
        "conversations", "new.id", "UPDATE OF customer_name", "new.customer_name IS NOT old.customer_name"
    ),
    _keyword_trigger("cases", "new.conversation_id", "INSERT", "new.tracking_key IS NOT NULL"),
    _keyword_trigger("handoffs", "new.conversation_id", "INSERT", f"{_ORDER.format(row='new')} IS NOT NULL"),
    _keyword_trigger(
        "handoffs",
        "new.conversation_id",
        "UPDATE OF collected",
        f"{_ORDER.format(row='new')} IS NOT {_ORDER.format(row='old')}",
    ),
)

_FOLDED = r"""
    CREATE FUNCTION folded(text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
        SELECT regexp_replace(regexp_replace(lower(normalize(text, NFKD)), '[\u0300-\u036F]', '', 'g'),
            '[\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u2000-\u206F\u3000-\u303F]+', ' ', 'g')
    $$"""


def _words_function(table: str, words: str, found: str = "true") -> str:
    index = f"{table.removesuffix('s')}_words"
    return f"""
        CREATE FUNCTION keep_{index}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP = 'UPDATE' THEN DELETE FROM {index} WHERE id = NEW.id; END IF;
            INSERT INTO {index} SELECT NEW.id, to_tsvector('simple', folded({words.format(row="NEW")}))
                WHERE {found.format(row="NEW")};
            RETURN NULL;
        END $$"""


def _keywords_function(table: str, about: str) -> str:
    keep = _KEEP_KEYWORDS.format(about=about, **_DIALECT["postgresql"])
    return f"""
        CREATE FUNCTION keep_keywords_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            {keep} RETURN NULL;
        END $$"""


def _words_table(table: str) -> str:
    index = f"{table.removesuffix('s')}_words"
    key = f"id bigint PRIMARY KEY REFERENCES {table} ON DELETE CASCADE"
    return f"CREATE TABLE {index} ({key}, words tsvector NOT NULL)"


_POSTGRES = (
    _FOLDED,
    _words_table("messages"),
    _words_table("keywords"),
    "INSERT INTO message_words SELECT id, to_tsvector('simple', folded(text)) FROM messages WHERE "
    + _FOUND.format(row="messages"),
    "CREATE INDEX ix_message_words ON message_words USING gin (words)",
    "CREATE INDEX ix_keyword_words ON keyword_words USING gin (words)",
    _words_function("messages", "{row}.text", _FOUND),
    _words_function("keywords", _WORDS),
    _keywords_function("conversations", "NEW.id"),
    _keywords_function("cases", "NEW.conversation_id"),
    _keywords_function("handoffs", "NEW.conversation_id"),
)
_POSTGRES_ORDER = "NEW.collected ->> 'order_number'"
_POSTGRES_TRIGGERS = (
    "CREATE TRIGGER messages_words AFTER INSERT OR UPDATE OF text, deleted_at ON messages "
    "FOR EACH ROW EXECUTE FUNCTION keep_message_words()",
    "CREATE TRIGGER keywords_words AFTER INSERT ON keywords FOR EACH ROW EXECUTE FUNCTION keep_keyword_words()",
    "CREATE TRIGGER conversations_keywords_insert AFTER INSERT ON conversations FOR EACH ROW "
    "WHEN (NEW.customer_name IS NOT NULL) EXECUTE FUNCTION keep_keywords_of_conversations()",
    "CREATE TRIGGER conversations_keywords_update AFTER UPDATE OF customer_name ON conversations FOR EACH ROW "
    "WHEN (NEW.customer_name IS DISTINCT FROM OLD.customer_name) EXECUTE FUNCTION keep_keywords_of_conversations()",
    "CREATE TRIGGER cases_keywords_insert AFTER INSERT ON cases FOR EACH ROW "
    "WHEN (NEW.tracking_key IS NOT NULL) EXECUTE FUNCTION keep_keywords_of_cases()",
    "CREATE TRIGGER handoffs_keywords_insert AFTER INSERT ON handoffs FOR EACH ROW "
    f"WHEN ({_POSTGRES_ORDER} IS NOT NULL) EXECUTE FUNCTION keep_keywords_of_handoffs()",
    "CREATE TRIGGER handoffs_keywords_update AFTER UPDATE OF collected ON handoffs FOR EACH ROW "
    f"WHEN ({_POSTGRES_ORDER} IS DISTINCT FROM OLD.collected ->> 'order_number') "
    "EXECUTE FUNCTION keep_keywords_of_handoffs()",
)
_TRIGGERS = {
    "messages": ("messages_words", "messages_words_insert", "messages_words_update", "messages_words_delete"),
    "keywords": ("keywords_words", "keywords_words_insert", "keywords_words_delete"),
    "conversations": ("conversations_keywords_insert", "conversations_keywords_update"),
    "cases": ("cases_keywords_insert",),
    "handoffs": ("handoffs_keywords_insert", "handoffs_keywords_update"),
}
_FUNCTIONS = (
    "keep_message_words",
    "keep_keyword_words",
    "keep_keywords_of_conversations",
    "keep_keywords_of_cases",
    "keep_keywords_of_handoffs",
    "folded",
)
