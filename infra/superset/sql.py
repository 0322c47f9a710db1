"""Asks a view with pinotdb and with SQLAlchemy, and compares with what Recount answers by its own API.

    python sql.py [URL]

URL is Recount's, http://localhost:8080 by default. It ends with 0 if all answers are the same.
"""

import json
import sys
import urllib.parse
import urllib.request

import pinotdb
from sqlalchemy import MetaData, Table, case, create_engine, distinct, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

RECOUNT = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080"
WHERE = urllib.parse.urlsplit(RECOUNT).netloc
FAILURES = []


def recount(path, **parameters):
    """An answer of Recount's own API."""
    with urllib.request.urlopen(f"{RECOUNT}{path}?{urllib.parse.urlencode(parameters)}") as answer:
        return json.load(answer)


def same(what, shown, expected):
    print(f"{'same' if shown == expected else 'DIFFERENT'}: {what}")
    if shown != expected:
        FAILURES.append(what)
        print(f"  here:    {shown}\n  Recount: {expected}")


def by_name(rows):
    return sorted([list(r) for r in rows], key=str)


def plain():
    host, port = WHERE.split(":")
    connection = pinotdb.connect(host=host, port=int(port), path="/query/sql", scheme="http")
    cursor = connection.cursor()
    cursor.execute(
        "SELECT method, COUNT(*) AS n FROM traffic WHERE status >= %(least)s GROUP BY method", {"least": 0}
    )
    answer = recount("/v1/views/traffic", select="requests", by="method", where="status >= 0")
    same("pinotdb", by_name(cursor.fetchall()), by_name(answer["rows"]))
    native = connection.cursor().execute_native("SELECT SUM(requests) FROM traffic")
    same("pinotdb's native answer is complete", native.metadata.completeness, "complete")
    try:
        cursor.execute("SELECT SUM(nothing) FROM traffic")
        same("pinotdb is told of an error", "no error", "an error")
    except pinotdb.exceptions.DatabaseError as error:
        same("pinotdb is told of an error", "QUERY_COLUMN_UNKNOWN" in str(error), True)


def alchemy():
    engine = create_engine(f"pinot+http://{WHERE}/query/sql?controller=http://{WHERE}/")
    inspector = inspect(engine)
    views = sorted(v["view"] for v in recount("/v1/views")["views"])
    same("tables", sorted(inspector.get_table_names()), views)
    traffic = Table("traffic", MetaData(), autoload_with=engine)
    pages = Table("page_views", MetaData(), autoload_with=engine)
    with engine.connect() as connection:
        requests = func.sum(traffic.c.requests)
        grouped = select(traffic.c.method, requests.label("n")).group_by(traffic.c.method)
        answer = recount("/v1/views/traffic", select="requests", by="method")
        same("groups", by_name(connection.execute(grouped)), by_name(answer["rows"]))
        wrapped = grouped.subquery()
        total = connection.execute(select(func.count(), func.sum(wrapped.c.n)).select_from(wrapped)).one()
        same("groups of groups", list(total), [len(answer["rows"]), sum(r[1] for r in answer["rows"])])
        failed = case((traffic.c.status >= 400, "failed"), else_="fine")
        rows = connection.execute(select(failed.label("how"), requests.label("n")).group_by(failed))
        answer = recount("/v1/views/traffic", select="requests", where="status >= 400")
        same("CASE", [r.n for r in rows if r.how == "failed"], [r[0] for r in answer["rows"] if r[0]])
        day = func.datetrunc("DAY", traffic.c.hour)
        rows = connection.execute(select(day.label("day"), func.count().label("n")).group_by(day))
        answer = recount("/v1/views/traffic", select="requests", grain="day", limit=1000)
        same("days", sorted(r.n for r in rows), sorted(r[1] for r in answer["rows"]))
        visitors = connection.execute(select(func.count(distinct(pages.c.visitors)))).scalar()
        answer = recount("/v1/views/page_views", select="visitors")
        same("distinct values of a sketch", visitors, answer["rows"][0][0])
        sample = connection.execute(select(traffic).where(traffic.c.method == "GET").limit(5)).all()
        same("times are times", {type(r.hour).__name__ for r in sample}, {"datetime"})
        try:
            connection.execute(select(func.avg(traffic.c.requests)))
            same("SQLAlchemy is told of an error", "no error", "an error")
        except SQLAlchemyError as error:
            same("SQLAlchemy is told of an error", "QUERY_UNSUPPORTED" in str(error), True)


plain()
alchemy()
sys.exit(1 if FAILURES else 0)
