"""What a class used, as a table and as the file for a spreadsheet."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from appliance.domain.results import ClassReport, ReportRow
from appliance.web.acting import act
from appliance.web.class_times import moment
from appliance.web.lesson_forms import name_of
from appliance.web.teaching import Teaching

AnyRequest = Request[Any, Any, Any]


def class_report_routes(teaching: Teaching) -> list[HTTPRouteHandler]:
    """The page and the file."""

    @get("/teach/{class_id:str}/report", name="class_report_page")
    async def page(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        report: ClassReport = await act(request, "class.report", {"name": class_id})
        now_ms = teaching.parts.clock.now_ms()
        return teaching.pages.show(
            request,
            "teach_report.html",
            id=report.id,
            report=report,
            rows=[_row(one, now_ms) for one in report.rows],
            ends=moment(report.ends_ms, now_ms),
        )

    @get("/teach/{class_id:str}/report.csv", name="class_report")
    async def file(request: AnyRequest, class_id: FromPath[str]) -> Response[bytes]:
        report: ClassReport = await act(request, "class.report", {"name": class_id})
        headers = {"content-disposition": f'attachment; filename="class-{name_of(report.id)}.csv"'}
        return Response(report.csv.encode(), media_type="text/csv", headers=headers)

    return [page, file]


def _row(row: ReportRow, now_ms: int) -> dict[str, object]:
    return {
        "given": row.given,
        "name": row.name,
        "joined": "" if row.joined_ms is None else moment(row.joined_ms, now_ms),
        "requests": row.requests,
        "prompt_tokens": row.prompt_tokens,
        "completion_tokens": row.completion_tokens,
        "refused": row.refused,
    }
