"""An import as somebody at a terminal follows it: a bar, the refused rows, a line at the end."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from server.imports.running import Report


def follow(reports: Iterator[Report], path: Path, console: Console) -> Report:
    """Runs the import; what was refused and the summary are printed. Raises what the import raises."""
    report = Report()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(path.name, total=None)
        for report in reports:
            progress.update(task, total=report.rows, completed=report.done)
    for refused in report.refused:
        console.print(f"{path}: {refused}", style="red", highlight=False, markup=False, soft_wrap=True)
    console.print(f"{path}: {report.summary()}", highlight=False, markup=False, soft_wrap=True)
    return report
