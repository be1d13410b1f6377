"""A page brings the code along that it does not show, in its place."""

from live_code import unseen_cells

CHAPTER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
---

```{code-cell} ipython3
:tags: [remove-cell]

first = 1
```

```{code-cell} ipython3
---
tags: [hide-input]
---
print(first)
```

~~~{code-cell} ipython3
:tags: [remove-input]

second = 2
~~~

```{code-cell} ipython3
third = second
```

```{code-cell} ipython3
:tags: [remove-cell]

nothing_rests_on_it = 4
```
"""


def test_code_that_is_not_shown_runs_where_it_stands():
    assert unseen_cells(CHAPTER) == (
        [{"source": "first = 1", "above": 0}, {"source": "second = 2", "above": 1}],
        2,
    )


def test_a_page_without_code_has_nothing_unseen():
    assert unseen_cells("# Title\n") == ([], 0)
