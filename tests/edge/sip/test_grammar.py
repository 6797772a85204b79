"""Lists, parameters and quotes: the places where commas and semicolons do not mean themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.sip.grammar import (
    param,
    quote,
    read_params,
    split_list,
    unquote,
    write_params,
)


def test_commas_in_quotes_and_brackets_do_not_split() -> None:
    text = '"B, Ana" <sip:a@h;x=1,2>, <tel:+1;y=","> , sip:c@h'
    assert split_list(text) == ['"B, Ana" <sip:a@h;x=1,2>', '<tel:+1;y=",">', "sip:c@h"]


def test_an_empty_item_is_no_item() -> None:
    assert split_list("a,,b,") == ["a", "b"]


def test_parameters_are_read_with_and_without_values_in_any_case() -> None:
    params = read_params('; TAG = x ;rport;text="a;b\\"c";lr')
    assert params == (("tag", "x"), ("rport", ""), ("text", 'a;b"c'), ("lr", ""))
    assert (param(params, "rport"), param(params, "absent")) == ("", None)


def test_parameters_go_out_as_they_came_in() -> None:
    assert write_params((("transport", "tcp"), ("lr", ""))) == ";transport=tcp;lr"


@given(st.text())
def test_a_quoted_string_comes_back_but_for_control_characters(text: str) -> None:
    clean = "".join(" " if c < " " or c == "\x7f" else c for c in text)
    assert unquote(quote(text)) == clean


@given(st.text())
def test_no_text_breaks_the_readers(text: str) -> None:
    split_list(text)
    read_params(text)
