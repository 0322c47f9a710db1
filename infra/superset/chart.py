"""Makes a data set of a view in a Superset without a browser, draws charts of it, and compares what they
show with what Recount answers by its own API.

    RECOUNT_SUPERSET_HOME=DIR SUPERSET_CONFIG_PATH=superset_config.py python chart.py [URL]

URL is Recount's, http://localhost:8080 by default, with the views that come with Recount and events in
them. It ends with 0 if all charts show the same numbers. `--show` prints the SQL that Superset sends.
"""

import json
import sys
import urllib.parse
import urllib.request

ARGUMENTS = [a for a in sys.argv[1:] if not a.startswith("--")]
SHOW = "--show" in sys.argv
RECOUNT = ARGUMENTS[0] if ARGUMENTS else "http://localhost:8080"
WHO = {"username": "admin", "password": "admin"}


def recount(path, **parameters):
    """An answer of Recount's own API."""
    query = urllib.parse.urlencode(parameters)
    with urllib.request.urlopen(f"{RECOUNT}{path}?{query}") as answer:
        return json.load(answer)


class Superset:
    """Superset's API, asked in this process."""

    def __init__(self):
        from superset.app import create_app

        self.app = create_app()
        with self.app.app_context():
            from flask_migrate import upgrade

            upgrade()
            manager = self.app.appbuilder.sm
            self.app.appbuilder.add_permissions(update_perms=True)
            manager.sync_role_definitions()
            if not manager.find_user(WHO["username"]):
                manager.add_user(
                    WHO["username"], "A", "B", "a@example.org", manager.find_role("Admin"), WHO["password"]
                )
        self.client = self.app.test_client()
        login = self.call("POST", "security/login", {**WHO, "provider": "db", "refresh": False})
        self.headers = {"Authorization": f"Bearer {login['access_token']}"}

    headers = {}

    def call(self, method, path, body=None):
        response = self.client.open(f"/api/v1/{path}", method=method, json=body, headers=self.headers)
        answer = response.get_json()
        if response.status_code >= 300:
            sys.exit(f"Cannot {method} {path}: {response.status_code} {json.dumps(answer)[:2000]}")
        return answer

    def data(self, dataset, query):
        """The rows of a chart, by their columns' names."""
        answer = self.call(
            "POST",
            "chart/data",
            {
                "datasource": {"id": dataset, "type": "table"},
                "queries": [{"time_range": "No filter", "row_limit": 1000, **query}],
                "result_format": "json",
                "result_type": "full",
                "force": True,
            },
        )["result"][0]
        if SHOW:
            print(f"## Superset\n{answer['query']}\n=>\n")
        return answer["data"]


CHECKED = []


def same(what, shown, expected):
    """Says whether a chart shows what it should."""
    CHECKED.append(shown == expected)
    print(f"{'same' if CHECKED[-1] else 'DIFFERENT'}: {what}: {len(shown)} rows")
    if not CHECKED[-1]:
        print(f"  Superset: {sorted(shown)[:5]}\n  Recount:  {sorted(expected)[:5]}")


def metric(sql):
    return {"expressionType": "SQL", "sqlExpression": sql, "label": sql}


def simple(column, aggregate):
    return {
        "expressionType": "SIMPLE",
        "column": {"column_name": column},
        "aggregate": aggregate,
        "label": f"{aggregate}({column})",
    }


def time_axis(column, grain):
    return {
        "columnType": "BASE_AXIS",
        "sqlExpression": column,
        "label": column,
        "expressionType": "SQL",
        "timeGrain": grain,
    }


def pairs(answer):
    return {tuple(str(c) for c in row) for row in answer["rows"]}


def main():
    superset = Superset()
    where = urllib.parse.urlsplit(RECOUNT).netloc
    known = superset.call("GET", "database/")["result"]
    database = next((d["id"] for d in known if d["database_name"] == "Recount"), None)
    if database is None:
        uri = f"pinot+http://{where}/query/sql?controller=http://{where}/"
        database = superset.call(
            "POST", "database/", {"database_name": "Recount", "sqlalchemy_uri": uri, "expose_in_sqllab": True}
        )["id"]
    tables = superset.call("GET", f"database/{database}/tables/?q=(force:!t,schema_name:default)")["result"]
    views = {v["view"] for v in recount("/v1/views")["views"]}
    same("tables", {t["value"] for t in tables}, views)

    known = superset.call("GET", "dataset/")["result"]
    sets = {d["table_name"]: d["id"] for d in known}
    for view in ("traffic", "page_views"):
        if view not in sets:
            sets[view] = superset.call(
                "POST", "dataset/", {"database": database, "schema": "default", "table_name": view}
            )["id"]
    columns = superset.call("GET", f"dataset/{sets['traffic']}")["result"]["columns"]
    times = {c["column_name"] for c in columns if c["is_dttm"]}
    same("times of traffic", times, {"hour"})

    shown = superset.data(
        sets["traffic"],
        {"columns": ["method"], "metrics": ["count", simple("bytes", "SUM")], "orderby": [["count", False]]},
    )
    answer = recount("/v1/views/traffic", select="requests,bytes", by="method")
    same(
        "bars by method",
        {(str(r["method"]), str(r["count"]), str(r["SUM(bytes)"])) for r in shown},
        pairs(answer),
    )

    for grain, ours in (("PT1H", "hour"), ("P1D", "day"), ("P1M", "month")):
        shown = superset.data(
            sets["traffic"],
            {
                "columns": [time_axis("hour", grain)],
                "metrics": [simple("requests", "SUM")],
                "extras": {"time_grain_sqla": grain},
            },
        )
        answer = recount("/v1/views/traffic", select="requests", grain=ours, limit=1000)
        same(
            f"line by {ours}",
            {str(r["SUM(requests)"]) for r in shown},
            {str(r[1]) for r in answer["rows"]},
        )

    shown = superset.data(
        sets["page_views"],
        {
            "columns": [time_axis("minute", "PT5M")],
            "metrics": [simple("visitors", "COUNT_DISTINCT"), metric("DISTINCTCOUNTTHETASKETCH(visitors)")],
            "filters": [{"col": "browser", "op": "IN", "val": ["Firefox", "Chrome"]}],
            "extras": {"time_grain_sqla": "PT5M"},
        },
    )
    same(
        "visitors in five minutes",
        {str(r["COUNT_DISTINCT(visitors)"]) for r in shown},
        {str(r["DISTINCTCOUNTTHETASKETCH(visitors)"]) for r in shown},
    )

    shown = superset.data(
        sets["traffic"],
        {
            "columns": [],
            "metrics": ["count"],
            "granularity": "hour",
            "time_range": "2015-05-17 : 2015-05-19",
            "extras": {},
        },
    )
    answer = recount("/v1/views/traffic", select="requests", **{"from": "2015-05-17", "to": "2015-05-19"})
    same("number of two days", {str(r["count"]) for r in shown}, {str(r[0]) for r in answer["rows"]})

    shown = superset.data(sets["traffic"], {"columns": ["hour", "method", "status", "requests"], "row_limit": 50})
    same("raw rows", {str(len(shown))}, {str(min(50, len(recount("/v1/views/traffic", by="hour,method,status")["rows"])))})

    chart = superset.call(
        "POST",
        "chart/",
        {
            "slice_name": "Requests by status",
            "viz_type": "pie",
            "datasource_id": sets["traffic"],
            "datasource_type": "table",
            "params": json.dumps({"viz_type": "pie", "groupby": ["status"], "metric": "count"}),
            "query_context": json.dumps(
                {
                    "datasource": {"id": sets["traffic"], "type": "table"},
                    "queries": [{"columns": ["status"], "metrics": ["count"], "row_limit": 100}],
                    "result_format": "json",
                    "result_type": "full",
                }
            ),
        },
    )["id"]
    shown = superset.call("GET", f"chart/{chart}/data/")["result"][0]["data"]
    answer = recount("/v1/views/traffic", select="requests", by="status")
    same("saved chart", {(str(r["status"]), str(r["count"])) for r in shown}, pairs(answer))

    lab = superset.call(
        "POST",
        "sqllab/execute/",
        {
            "database_id": database,
            "schema": "default",
            "sql": "SET timeoutMs = 10000; SELECT method, COUNT(*) AS n FROM traffic GROUP BY method",
            "runAsync": False,
            "client_id": "recount",
        },
    )
    answer = recount("/v1/views/traffic", select="requests", by="method")
    same("SQL Lab", {(str(r["method"]), str(r["n"])) for r in lab["data"]}, pairs(answer))
    return 0 if all(CHECKED) else 1


if __name__ == "__main__":
    sys.exit(main())
