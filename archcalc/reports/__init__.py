"""Reports: chosen networks, or the whole atlas, as a document.

Builders turn results of the API into a `Document` of plain blocks (`archcalc.reports.blocks`); one writer for each
format sets it: PDF with Typst, HTML and Markdown directly. Builders know no format, writers know no networks.
"""
