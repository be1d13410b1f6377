"""The figures of the book, one module per chapter: functions that draw and return a caption."""
