"""How often MySQL has made something durable. Needs a server with --performance-schema=ON, which costs it speed: nothing else is measured then."""

MYSQL_OPTIONS = ["--performance-schema=ON"]
# Each event's "misc" operations are its syncs (and a few openings and closings of files).
FILES = {"wait/io/file/sql/binlog": "binary log", "wait/io/file/innodb/innodb_log_file": "redo log",
         "wait/io/file/innodb/innodb_dblwr_file": "doublewrite", "wait/io/file/innodb/innodb_data_file": "data files"}


def counted(backends):
    """{kind of file: syncs since the server's start}"""
    names = ",".join(f"'{name}'" for name in FILES)
    rows = backends.sql(f"SELECT event_name, count_misc FROM performance_schema.file_summary_by_event_name WHERE event_name IN ({names})")
    return {FILES[name]: int(count) for name, count in rows}


def per_order(before, after, orders):
    """{kind of file: syncs an order}, and their "sum"."""
    result = {kind: round((count - before.get(kind, 0)) / orders, 3) for kind, count in after.items()}
    return {**result, "sum": round(sum(result.values()), 3)}
