"""The figures of the book, a module or package per chapter: functions that draw, with captions."""
