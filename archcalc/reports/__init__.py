"""Reports: some networks, or the atlas of all, as a document.

Builders turn results of the API into a `Document` of plain blocks (`archcalc.reports.blocks`). A writer for each format
typesets it: PDF with Typst, HTML and Markdown directly. Builders are independent of formats, writers of networks.
"""
