#!/usr/bin/perl

# Proves that the guard, inside nginx, takes what RFC 8259 calls JSON and
# nothing else: each production of its grammar has texts that must pass and
# texts that must fail, whole and byte by byte (H5.3).  It fails when a text
# passes that two parsers may read in two ways.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => { body => '{}' } });

$t->conf("include profile/auth0.conf;\n" . servers(<<'END'));
        location / {
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;
        }
END

$t->start;

my @rows;
my $rule;

# A text that is a body, a value in one, or a name; "undef" for the reason is
# a text that is allowed.

sub text {
    my ($name, $text, $reason) = @_;

    push @rows, [ "$rule: $name", $text, $reason ];
}

sub value {
    my ($name, $value, $reason) = @_;

    text($name, qq({"user_metadata":{"a":$value}}), $reason);
}

sub name {
    my ($name, $value, $reason) = @_;

    text($name, qq({"user_metadata":{"$value":1}}), $reason);
}

sub show { return join ' ', map { sprintf '%02X', $_ } unpack 'C*', $_[0] }


$rule = 'JSON-text';

text('an object', '{}');
text('white space around it', " \t\r\n{} \t\r\n");
text($_->[0], $_->[1], 'not_object')
    for [ 'an array', '[]' ], [ 'a string', '""' ], [ 'a number', '0' ],
        [ 'true', 'true' ], [ 'false', 'false' ], [ 'null', 'null' ],
        [ 'an array of objects', '[{}]' ], [ 'a fraction', '-0.5e1' ];
text("only $_->[0]", $_->[1], 'truncated')
    for [ 'a space', ' ' ], [ 'lines', "\r\n\r\n" ], [ 'a tab', "\t" ];
text("behind it $_->[0]", "{}$_->[1]", 'trailing_data')
    for [ 'an object', '{}' ], [ 'an object in a line', "\n{}" ],
        [ 'an array', '[]' ], [ 'a string', '""' ], [ 'a number', ' 1' ],
        [ 'a literal', 'null' ], [ 'a comma', ',' ], [ 'a colon', ':' ],
        [ 'a brace', '}' ], [ 'a bracket', ']' ], [ 'a semicolon', ';' ],
        [ 'NUL', "\0" ], [ 'a record separator', "\x1e" ],
        [ 'a byte order mark', "\xef\xbb\xbf" ], [ 'a byte of UTF-8', "\xff" ];
text("before it $_->[0]", "$_->[1]\{}", 'invalid_json')
    for [ 'a byte order mark', "\xef\xbb\xbf" ], [ 'a comma', ',' ],
        [ 'a record separator', "\x1e" ], [ 'a call', 'x(' ],
        [ 'a guard of a browser', ")]}',\n" ], [ 'NUL', "\0" ];


$rule = 'ws';

text('in all places', " {\t\"user_metadata\"\n:\r{ \"a\"\t:\n[\r1 ,\t2\n]\r,"
     . " \"b\"\t:\n{\r} , \"c\" : [ ] }\n}\r");

for my $byte (0x00 .. 0x1f, 0x7f) {
    next if $byte == 0x09 || $byte == 0x0a || $byte == 0x0d;

    text('no byte ' . show(chr $byte), '{' . chr($byte) . '}',
         'invalid_json');
}

text("no $_->[0]", "{\"client_id\":$_->[1]true}", 'invalid_json')
    for [ 'no-break space', "\xc2\xa0" ], [ 'next line', "\xc2\x85" ],
        [ 'line separator', "\xe2\x80\xa8" ],
        [ 'ideographic space', "\xe3\x80\x80" ],
        [ 'zero width space', "\xe2\x80\x8b" ],
        [ 'byte order mark', "\xef\xbb\xbf" ], [ 'comment', '/**/' ],
        [ 'comment to the end of the line', "//\n" ],
        [ 'comment of a shell', "#\n" ];


$rule = 'object';

text('one member', '{"client_id":1}');
text('two members', '{"client_id":1,"user_metadata":{}}');
value('empty', '{}');
value('one in another', '{"a":{"b":{"c":{}}}}');
value('all kinds of values',
      '{"a":null,"b":true,"c":false,"d":1,"e":"","f":[],"g":{}}');
value("an error: $_->[0]", $_->[1], 'invalid_json')
    for [ 'a comma alone', '{,}' ], [ 'a comma first', '{,"a":1}' ],
        [ 'a comma last', '{"a":1,}' ], [ 'two commas', '{"a":1,,"b":1}' ],
        [ 'no comma', '{"a":1 "b":1}' ], [ 'a semicolon', '{"a":1;"b":1}' ],
        [ 'no colon', '{"a" 1}' ], [ 'two colons', '{"a"::1}' ],
        [ 'an equals sign', '{"a"=1}' ], [ 'a comma for it', '{"a",1}' ],
        [ 'an arrow', '{"a"=>1}' ], [ 'no value', '{"a":}' ],
        [ 'no value before a comma', '{"a":,"b":1}' ],
        [ 'a name alone', '{"a"}' ], [ 'no name', '{:1}' ],
        [ 'a value alone', '{1}' ], [ 'a number for a name', '{1:1}' ],
        [ 'null for a name', '{null:1}' ], [ 'an array for it', '{[]:1}' ],
        [ 'an object for it', '{{}:1}' ], [ 'no quotes', '{a:1}' ],
        [ 'single quotes', "{'a':1}" ], [ 'a bracket last', '{"a":1]' ],
        [ 'a parenthesis last', '{"a":1)' ], [ 'three dots', '{...}' ];
text("cut: $_", $_, 'truncated')
    for '{', '{"', '{"client_id', '{"client_id"', '{"client_id":',
        '{"client_id":1', '{"client_id":1,', '{"user_metadata":{',
        '{"user_metadata":{}';


$rule = 'array';

value('empty', '[]');
value('one value', '[1]');
value('all kinds of values', '[null,true,false,1,"",[],{}]');
value('one in another', '[[[[]],[]]]');
value("an error: $_->[0]", $_->[1], 'invalid_json')
    for [ 'a comma alone', '[,]' ], [ 'a comma first', '[,1]' ],
        [ 'a comma last', '[1,]' ], [ 'two commas', '[1,,1]' ],
        [ 'no comma', '[1 1]' ], [ 'a colon', '["a":1]' ],
        [ 'a brace last', '[1}' ], [ 'a parenthesis', '(1)' ],
        [ 'two brackets too many', '[1]]]' ];
value($_, $_)
    for '1.7976931348623157e308', '-1.7976931348623157E+308', '0e999',
        '1' . '0' x 308, '1' . '0' x 400 . 'e-92', '0.' . '0' x 400 . '1e709';
value("no double holds $_", $_, 'number_too_large')
    for '1e309', '1e999', '-1e999', '1.7976931348623158e308', '2E+308',
        '1' . '0' x 309, '1' . '0' x 400 . 'e-91', '0.' . '0' x 400 . '1e710',
        '1e99999999999999999999', '[[1e999]]', '{"b":[0,-1e400]}';
text("cut: $_", qq({"user_metadata":{"a":$_), 'truncated')
    for '[', '[1', '[1,', '[[]', '[{}';


$rule = 'literal';

value($_, $_) for 'null', 'true', 'false';
value("no $_", $_, 'invalid_json')
    for qw(True TRUE False FALSE Null NULL nul nulll truee tru fals truefalse
           nil none None undefined void NaN nan Infinity -Infinity inf yes on
           t n);
text('cut', '{"client_id":tru', 'truncated');


$rule = 'number';

value($_, $_)
    for qw(0 -0 1 -1 10 1234567890 0.0 -0.0 0.5 1.50 10.01 0e0 0E0 1e1 1E1
           1e+1 1E-1 1e01 -1.5E+05 123456789012345678901234567890 1e308 1e-400
           0.1234567890123456789012345678901);
value("no $_", $_, 'invalid_json')
    for qw(00 01 -01 -00 +1 +0 --1 .5 -.5 1. -1. 1.e1 1e 1E 1e+ 1E- e1 - + .
           1.2.3 1e1.5 1e1e1 0x1 0X1 0b1 0o7 1_000 1f 1L 1n 1'000 1-1
           1/2), '1 000', '- 1', '1 .5', '1. 5', '1 e1', '1e 1',
        "\xef\xbc\x91", "\xd9\xa1", "\xc2\xbd", "1e\xd9\xa3", '1,5';
text("cut: $_", qq({"user_metadata":{"a":$_), 'truncated')
    for '-', '1.', '1e', '1e+', '1';


$rule = 'string';

value('empty', '""');
value('all of ASCII that needs no escape',
      '"' . join('', map { chr } grep { $_ != 0x22 && $_ != 0x5c }
                         0x20 .. 0x7f) . '"');
value("escape $_", qq("\\$_")) for '"', '\\', '/', qw(b f n r t);
value("escape $_", qq("\\$_"))
    for qw(u0000 u0041 u00e9 u20AC uFFFF uabcd uABCD ud83d\ude00 uD83D\uDE00
           ud800 udc00 ude00\ud83d ud83dx);
value('a comment that is none', '"/* // # */"');
value('an object that is none', '"{\"name\":1}"');

for my $byte (0x00 .. 0x1f) {
    value('no byte ' . show(chr $byte), '"' . chr($byte) . '"',
          'invalid_json');
}

for my $byte (0x20 .. 0x7e) {
    my $char = chr $byte;

    next if $char =~ m{["\\/bfnrtu]};

    value("no escape $char", qq("\\$char"), 'invalid_json');
}

value("no escape $_", qq("\\$_"), 'invalid_json')
    for 'u', 'u0', 'u00', 'u004', 'u004g', 'ug041', 'u 041', 'u+041',
        'u{41}', 'ud83d\\ug', 'ud83d\\x', "\n", "\0";
value('no end', '"a', 'truncated');
value('only its end', 'a"', 'invalid_json');
value('single quotes', "'a'", 'invalid_json');
value('back quotes', '`a`', 'invalid_json');
value('typographic quotes', "\xe2\x80\x9ca\xe2\x80\x9d", 'invalid_json');
value('two in a row', '"a""b"', 'invalid_json');
value('one plus another', '"a"+"b"', 'invalid_json');


$rule = 'name';

name('empty', '');
name($_, $_) for 'a', 'a b', '\u0061', '\"', '\\\\', '\/', '\b\f\n\r\t',
                 '\ud83d\ude00', '\uffff', '/*', '{', '__proto';
name('that the schema forbids', '__proto__', 'forbidden');
name("no $_", $_, 'invalid_json') for '\x', '\u00', '\u{61}', "\n", "\t", "\0";
name("no $_", $_, 'name')
    for '\u0000', 'a\u0000b', '\ud800', '\udc00', '\ude00\ud83d', '\uD83Dx';


$rule = 'UTF-8';

for my $row ([ 'c2 80', 'the first of two bytes' ],
             [ 'df bf', 'the last of two bytes' ],
             [ 'e0 a0 80', 'the first of three bytes' ],
             [ 'ed 9f bf', 'the last before the surrogates' ],
             [ 'ee 80 80', 'the first behind the surrogates' ],
             [ 'ef bb bf', 'a byte order mark inside' ],
             [ 'ef bf bf', 'the last of three bytes' ],
             [ 'f0 90 80 80', 'the first of four bytes' ],
             [ 'f4 8f bf bf', 'the last of all' ])
{
    my ($hex, $name) = @$row;
    my $bytes = pack 'H*', $hex =~ s/ //gr;

    value("$name, $hex", qq("$bytes"));
    name("$name, $hex, in a name", $bytes);
}

for my $row ([ '80', 'a continuation alone' ],
             [ 'bf', 'the last continuation' ],
             [ 'c3 28', 'a lead and no continuation' ],
             [ 'c3 a9 a9', 'a continuation too many' ],
             [ 'e2 82', 'two of three bytes' ],
             [ 'e2 28 a1', 'no second of three bytes' ],
             [ 'f0 9f 98', 'three of four bytes' ],
             [ 'f0 28 8c bc', 'no second of four bytes' ],
             [ 'c0 80', 'overlong NUL' ],
             [ 'c0 af', 'overlong slash' ],
             [ 'c1 bf', 'overlong of two bytes, the last' ],
             [ 'e0 80 80', 'overlong of three bytes' ],
             [ 'e0 9f bf', 'overlong of three bytes, the last' ],
             [ 'f0 80 80 80', 'overlong of four bytes' ],
             [ 'f0 8f bf bf', 'overlong of four bytes, the last' ],
             [ 'ed a0 80', 'the first surrogate' ],
             [ 'ed bf bf', 'the last surrogate' ],
             [ 'ed a0 bd ed b8 80', 'a pair of surrogates' ],
             [ 'f4 90 80 80', 'above U+10FFFF' ],
             [ 'f5 80 80 80', 'a lead that there is not' ],
             [ 'f8 88 80 80 80', 'five bytes' ],
             [ 'fc 84 80 80 80 80', 'six bytes' ],
             [ 'fe', 'byte fe' ], [ 'ff', 'byte ff' ],
             [ 'e9', 'Latin-1' ], [ '81 40', 'Shift JIS' ])
{
    my ($hex, $name) = @$row;
    my $bytes = pack 'H*', $hex =~ s/ //gr;

    value("$name, $hex", qq("$bytes"), 'invalid_utf8');
    name("$name, $hex, in a name", $bytes, 'invalid_utf8');
}


$rule = 'depth';

text('125 levels below the root',
     '{"user_metadata":' . '{"a":' x 124 . '[]' . '}' x 125);
value('126 levels below the root', '[' x 125 . ']' x 125, 'too_deep');
value('objects', '{"a":' x 125 . '1' . '}' x 125, 'too_deep');
value('never closed', '[' x 5000, 'too_deep');


cmp_ok(scalar(grep { defined $_->[2] } @rows), '>', 150,
       'H5.3 texts that must fail');
cmp_ok(scalar(grep { !defined $_->[2] } @rows), '>', 80,
       'H5.3 texts that must pass');

for my $row (@rows) {
    my ($name, $text, $reason) = @$row;

    $name = "H5.3 $name";
    $name =~ s/([^\x20-\x7e])/sprintf '<%02X>', ord $1/ge;

    for my $transport ('length', 'chunks of 1', 'HTTP/2, frames of 1') {
        my $res = deliver($t, $transport, 'POST', '/', $text,
                          'Content-Type' => 'application/json');
        my ($got) = $backend->requests;

        if (!defined $reason) {
            ok($got && $got->{body} eq $text, "$name: $transport: bytes");
            is($res->status, 200, "$name: $transport");
            $backend->forget;
            next;
        }

        is(outcome($res, $backend), "400 blocked $reason",
           "$name: $transport");
    }
}

done_testing;
