"""Commands, options and arguments that say their help in the language of the invocation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.language import say, translate
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.cli.session import Session


class _Bilingual:
    """Gives click the words of the language of this invocation wherever it asks for help or a metavar."""

    words: Text | None = None
    metavar_words: Text | None = None

    @property
    def help(self) -> str | None:
        return say(self.words) if self.words else None

    @help.setter
    def help(self, value: str | None) -> None:
        """Click offers the function's docstring, which is for readers of the code."""

    @property
    def metavar(self) -> str | None:
        return say(self.metavar_words) if self.metavar_words else None

    @metavar.setter
    def metavar(self, value: Text | None) -> None:
        self.metavar_words = value


class Option(_Bilingual, click.Option):
    """An option with its help, and its metavar if it has one, in both languages."""

    def __init__(self, *args: Any, words: Text | None = None, **attrs: Any) -> None:
        self.words = words
        super().__init__(*args, **attrs)

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the value's placeholder, click's own kinds translated."""
        return translate(super().make_metavar(ctx))


class Argument(_Bilingual, click.Argument):
    """An argument with its help and its placeholder in both languages."""

    def __init__(self, *args: Any, words: Text | None = None, **attrs: Any) -> None:
        self.words = words
        super().__init__(*args, **attrs)

    def make_metavar(self, ctx: click.Context) -> str:
        """Return the placeholder with click's brackets and dots also where it is a word of ours."""
        if self.metavar_words is None:
            return super().make_metavar(ctx)
        word = say(self.metavar_words)
        return (word if self.required else f"[{word}]") + ("..." if self.nargs != 1 else "")


class Command(_Bilingual, click.Command):
    """A command with help in both languages. It is not run while a plugin is broken, unless `anyhow`."""

    epilog_words: Text | None = None

    def __init__(
        self, *args: Any, words: Text | None = None, epilog: Text | None = None, anyhow: bool = False, **attrs: Any
    ) -> None:  # fmt: skip
        self.words, self.epilog_words, self.anyhow = words, epilog, anyhow
        super().__init__(*args, **attrs)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the help's first sentence."""
        return first_sentence(self.words)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the help option; click keeps it, with the words of the first language it was shown in."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = say(_HELP)
        return option

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the pieces of the usage line, click's placeholders translated."""
        return [translate(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they stand, line by line."""
        if self.epilog_words:
            formatter.write_paragraph()
            for line in say(self.epilog_words).splitlines():
                formatter.write(f"  {line}\n" if line else "\n")

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, or say which plugin is in the way."""
        if not self.anyhow:
            session_of(ctx).ensure_sound()
        return super().invoke(ctx)


_HELP = Text("Visa den här hjälpen.", "Show this message and exit.")


def session_of(ctx: click.Context) -> Session:
    """Return the session that a context belongs to."""
    session: Session = ctx.find_root().obj
    return session


def first_sentence(text: Text | None) -> str:
    """Return a help text's first sentence, as lists of commands show it."""
    words = say(text) if text else ""
    return words.split("\n")[0].split(". ")[0].rstrip(".")
