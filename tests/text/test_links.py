"""Web addresses in a text, and where they end. In each line of the tables the links stand in ⟦ ⟧."""

import re

import pytest

from chat.text.links import links

MARKS = """
see ⟦https://example.com/a⟧: it works
see ⟦https://example.com/a⟧.
see ⟦https://example.com/a⟧, and then
see ⟦https://example.com/a⟧; then
is it ⟦https://example.com/a⟧?
it is ⟦https://example.com/a⟧!
⟦https://example.com/a⟧...
⟦https://example.com/a⟧?!
⟦https://example.com/a⟧… and on
⟦https://example.com/a⟧ – a dash
⟦https://example.com/a⟧— a dash
⟦https://example.com⟧.
⟦https://example.com⟧?
⟦https://example.com⟧: here
⟦https://example.com/⟧?
⟦https://example.com/?a=1⟧?
⟦https://example.com/a.html⟧ and ⟦http://example.com/b.html⟧
⟦https://example.com/a⟧,⟦https://example.com/b⟧
⟦https://example.com/a⟧;⟦www.example.org⟧
⟦https://example.com/a,b;c:d!e'f⟧
⟦https://example.com/a-b_c~d+e=f$g@h⟧
⟦https://example.com/a/⟧
⟦https://example.com/#⟧
⟦https://example.com/a?b=c&d=e#f⟧
⟦https://example.com/100%⟧
⟦https://youtu.be/abcdefghij_⟧
⟦https://youtu.be/abcdefghij-⟧
⟦https://web.archive.org/web/*/https://example.com/⟧
⟦https://medium.com/@bob/a⟧
⟦https://en.wikipedia.org/wiki/Bose–Einstein_condensate⟧
www.看⟦https://example.com/a⟧
1.⟦https://example.com/a⟧ 2.⟦https://example.com/b⟧
a|⟦https://example.com/a⟧|b
⟦https://example.com/a⟧\\n
⟦https://example.com/a⟧<br>
"""

EMPHASIS = """
**⟦https://example.com/a⟧**
**⟦https://example.com/a⟧**: so
**⟦https://example.com/a⟧**text
**⟦https://example.com/a⟧**吧
*⟦https://example.com/a⟧*
***⟦https://example.com/a⟧***
_⟦https://example.com/a_b⟧_
__⟦https://example.com/a_b⟧__
~~⟦https://example.com/a⟧~~
~⟦https://example.com/~bob⟧~
**⟦www.example.org⟧**
*⟦example.com⟧*
"""

BRACKETS = """
(⟦https://example.com/a⟧)
(see ⟦https://example.com/a⟧).
(⟦https://example.com/a⟧.)
((((⟦https://example.com/a⟧))))
(⟦https://github.com/⟧)0
⟦https://example.com/a_(b)⟧
(⟦https://example.com/a_(b)⟧)
⟦https://example.com/a_(b)⟧.
⟦https://example.com/a_(b)_c⟧
⟦https://example.com/a(b(c)d)⟧
⟦https://example.com/a_(b⟧
⟦https://example.com/a⟧(
⟦https://example.com/a⟧)b
⟦https://example.com/a[0]⟧
[⟦https://example.com/a⟧]
[⟦https://example.com/a⟧](⟦https://example.com/b⟧)
![b](⟦https://example.com/b.png⟧)
<⟦https://example.com/a⟧>
{⟦https://example.com/a⟧}
⟦https://example.com/{id}⟧
⟦https://example.com/(a⟧]
（⟦https://example.com/a⟧）
（见 ⟦https://example.com/a⟧）
⟦https://example.com/docs⟧（中文说明）了解更多
⟦https://example.com/docs⟧(中文说明)了解更多
【⟦https://example.com/a⟧】
「⟦https://example.com/a⟧」
《⟦https://example.com/a⟧》
〈⟦https://example.com/a⟧〉
"""

QUOTES = """
"⟦https://example.com/a⟧"
'⟦https://example.com/a⟧'
'⟦https://example.com/a⟧', she said
“⟦https://example.com/a⟧”
‘⟦https://example.com/a⟧’
„⟦https://example.com/a⟧“
«⟦https://example.com/a⟧»
‹⟦https://example.com/a⟧›
『⟦https://example.com/a⟧』
＂⟦https://example.com/a⟧＂
⟦https://example.com/it's⟧
href="⟦https://example.com/a⟧"
"""

UNSPACED = """
看⟦https://example.com/⟧吧
看⟦https://example.com⟧吧
看⟦https://example.com/a⟧吧
看⟦https://example.com/a⟧。吧
看⟦https://example.com/a⟧！
网址是⟦https://example.com/a⟧，谢谢
网址：⟦https://example.com/a⟧；
⟦https://example.com/a⟧？真的
⟦https://example.com/a⟧、⟦https://example.com/b⟧
⟦https://example.com/a⟧.谢谢
⟦https://example.com⟧.谢谢
⟦https://example.com/a⟧!谢谢
⟦https://example.com/a⟧,谢谢
⟦https://example.com/a⟧—谢谢
⟦https://example.com/a⟧　谢谢
⟦https://github.com/a/b⟧这个项目不错
⟦https://www.baidu.com/⟧这个网站
⟦https://zh.wikipedia.org/wiki/聊天⟧
⟦https://zh.wikipedia.org/wiki/聊天⟧。
⟦https://zh.wikipedia.org/wiki/聊天/历史⟧ 很好
⟦https://zh.wikipedia.org/wiki/聊天_(消歧义)⟧
⟦https://zh.wikipedia.org/wiki/阿凡提·买买提⟧
⟦https://zh.wikipedia.org/wiki/聊天#历史⟧
⟦https://zh.wikipedia.org/wiki/聊天室2号⟧
⟦https://zh.wikipedia.org/wiki/%E8%81%8A%E5%A4%A9⟧
⟦https://zh.wikipedia.org/wiki/%E8%81%8A%E5%A4%A9⟧看看
⟦https://zh.wikipedia.org/wiki/聊天⟧.谢谢
⟦https://example.com/search?q=聊天⟧
⟦https://example.com/search?q=聊天&lang=中文⟧
⟦https://example.com/search?q=%E8%81%8A⟧吧
⟦https://ja.wikipedia.org/wiki/チャット⟧
詳しくは⟦https://example.com/a⟧をご覧ください
⟦https://example.com/a⟧를 보세요
ดู⟦https://example.com/a⟧นะ
请看⟦www.example.org⟧。
请看⟦www.example.org/a⟧吧
去⟦example.com⟧看看
访问：⟦example.com/a⟧吧
⟦https://example.com/a⟧ＡＢＣ
𠮷⟦https://example.com/a⟧𠮷
"""

HOSTS = """
⟦http://localhost:8000/x⟧
⟦http://localhost⟧看
⟦http://127.0.0.1:8000/⟧
⟦http://[::1]:8000/⟧
(⟦http://[2001:db8::1]/a⟧)
http://[::1
http://[nothing]/
⟦https://example.com:8443/a⟧
⟦https://example.com:8443⟧: so
⟦https://example.com⟧:99999/a
⟦https://example.com⟧:it
⟦HTTPS://Example.COM/A⟧
⟦https://例子.中国/路径⟧
⟦https://例子.测试⟧。
⟦https://müller.de/ü⟧
⟦https://пример.рф/путь⟧.
⟦https://日本語docs.jp/a⟧
⟦https://xn--fsqu00a.xn--0zwm56d/⟧
⟦www.例子.com⟧
⟦https://my_host.example.com/a⟧
⟦https://a.b⟧..c
⟦https://example.com?a=b⟧
⟦https://example.com#a⟧
⟦www.example.org⟧
⟦WWW.EXAMPLE.ORG/a⟧
⟦www.example.co.uk/a⟧,
⟦example.com⟧
⟦Example.COM/a?b=c⟧.
⟦sub.example.gov⟧
"""

NOT_ONE = """
https://good.com@evil.com
https://good.com:pass@evil.com/a
https://good.com%2f@evil.com
www.good.com@evil.com
good.com@evil.com
bob@example.com
mailto:bob@example.com
bob@www.example.com
ftp://example.org
ftp://example.com/a
//example.com/a
/usr/share/example.com/a
C:\\\\example.com
x.example.com_y
xhttps://example.com
1https://example.com
https:/example.com/a
https//example.com
https://
https:// example
https://.com
https://-a.com
www.
www.example
www.1.2
www..com
xwww.example.fr
www.看
http
setup.py
README.md
chat/text/links.py
1.2.3
e.g. this
and so on...
node.js
example.com.py
élan.com
-example.com
example-.com
javascript:alert(1)
data:text/html,<b>
httpſ://example.com
ｈｔｔｐs://example.com
"""

NEIGHBOURS = """
⟦https://example.com/a⟧👍
👍⟦https://example.com/a⟧
👍🏽⟦https://example.com/a⟧👨‍👩‍👧
⟦https://example.com⟧❤️
⟦https://example.com/a⟧™
→⟦https://example.com/a⟧←
שלום ⟦https://example.com/a⟧, תודה
انظر ⟦https://example.com/a⟧؟
انظر ⟦https://example.com/a⟧، شكرا
⟦https://fa.wikipedia.org/wiki/می‌خواهم⟧
⟦https://he.wikipedia.org/wiki/שיחה⟧.
⟦https://ru.wikipedia.org/wiki/Чат⟧, да
⟦https://hi.wikipedia.org/wiki/हिन्दी⟧।
"""

TABLE = [
    line
    for table in (MARKS, EMPHASIS, BRACKETS, QUOTES, UNSPACED, HOSTS, NOT_ONE, NEIGHBOURS)
    for line in table.strip().splitlines()
]


def marked(text: str) -> str:
    parts, end = [], 0
    for link in links(text):
        parts.append(f"{text[end : link.start]}⟦{text[link.start : link.end]}⟧")
        end = link.end
    return "".join(parts) + text[end:]


@pytest.mark.parametrize("line", TABLE)
def test_an_address_begins_and_ends_where_a_reader_sees_it(line):
    assert marked(re.sub("[⟦⟧]", "", line)) == line


@pytest.mark.parametrize("end", ["\n", "\r\n", "\t", " ", "\x0b", "\u2028", "\x85", "\0", "\x1b", "\u00a0", "\u3000"])
def test_an_address_ends_at_white_space_of_any_kind_and_at_controls(end):
    assert marked(f"https://example.com/a{end}b") == f"⟦https://example.com/a⟧{end}b"


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\u200e", "\u200f", "\u202e", "\u2066", "\u2060", "\ufeff", "\u00ad", "\u3164", "\ufe0f"]
)
def test_an_address_ends_at_what_draws_nothing_or_turns_the_text_around(hidden):
    assert marked(f"https://example.com/a{hidden}b") == f"⟦https://example.com/a⟧{hidden}b"
    assert marked(f"https://example.com{hidden}b") == f"⟦https://example.com⟧{hidden}b"
