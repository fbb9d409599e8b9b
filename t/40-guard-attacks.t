#!/usr/bin/perl

# Proves that no attack on the guard brings a byte to the backend: bodies in
# all ways in which a body can travel, and requests that try their luck with
# headers, framing and paths (H5.1 to H5.8).  It fails when the guard and a
# backend that reads by the standards could see two different writes, or when
# a refusal comes after the backend was called.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

use Encode ();
use IO::Compress::Gzip qw(gzip);

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => { body => '{}' } });

$t->conf("include profile/auth0.conf;\n" . servers(<<'END') . <<'END');
        location /v2/ {
            profile_guard auth0 mode=v2;
            profile_user_id /v2/*;
            proxy_pass http://%%BACKEND%%;
        }

        location = /v2 {
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;
        }

        location /v1/ {
            profile_guard auth0 mode=v1;
            profile_user_id /v1/*/metadata;
            proxy_pass http://%%BACKEND%%;
        }

        location /small/ {
            profile_guard auth0 mode=v2;
            profile_guard_max_body_size 1k;
            profile_max_depth 4;
            proxy_pass http://%%BACKEND%%;
        }
END
    server {
        listen 127.0.0.1:%%PORT_7%%;

        underscores_in_headers on;
        ignore_invalid_headers off;

        add_header X-Action $profile_action always;
        add_header X-Reason $profile_reason always;

        location / {
            profile_guard auth0 mode=v2;
            profile_user_id /v2/*;
            proxy_pass http://%%BACKEND%%;
        }
    }
END

$t->start;


my %status = (
    body_too_large => 413,
    body_encoding  => 415,
    media_type     => 415,
    path           => 404,
);


# Bodies: a name, what is asked, the body, the reason of the refusal.

my $update = 'PATCH /v2/facebook%7C10';
my $create = 'POST /v2';
my $legacy = 'PATCH /v1/facebook%7C10/metadata';
my $small = 'POST /small/';

my $nested = '{"a":' x 5 . '1' . '}' x 5;
my $hidden = '{"blocked":true,"name":"x"}';

my @bodies = (

    # What may not be written at all

    [ 'H5.5 name', $update, '{"name":"x"}', 'attributes' ],
    [ 'H5.5 email', $update, '{"email":"a@b.c"}', 'attributes' ],
    [ 'H5.5 picture', $update, '{"blocked":true,"picture":"x"}',
      'attributes' ],
    [ 'H5.5 user_id', $update, '{"user_id":"auth0|1"}', 'attributes' ],
    [ 'H5.5 identities', $update, '{"identities":[]}', 'attributes' ],
    [ 'H5.5 logins_count', $update, '{"logins_count":0}', 'attributes' ],
    [ 'H5.5 lastLogin', $update, '{"lastLogin":0}', 'attributes' ],
    [ 'H5.5 _id', $update, '{"_id":"1"}', 'attributes' ],
    [ 'H5.5 what the provider sends', $update, '{"gender":"x"}',
      'attributes' ],
    [ 'H5.5 what nobody knows', $update, '{"anything":1}', 'attributes' ],
    [ 'H5.5 metadata', $update, '{"metadata":{}}', 'attributes' ],
    [ 'H5.5 an empty name', $update, '{"":1}', 'attributes' ],
    [ 'H5.5 a container in another case', $update, '{"App_Metadata":{}}',
      'attributes' ],
    [ 'H5.5 a container and a space', $update, '{"app_metadata ":{}}',
      'attributes' ],
    [ 'H5.5 writable in another case', $update, '{"Blocked":true}',
      'attributes' ],
    [ 'H5.5 writable in wide letters', $update,
      '{"blocke' . "\xef\xbd\x84" . '":true}', 'attributes' ],
    [ 'H5.5 create with an id', $create, '{"user_id":"auth0|1"}',
      'attributes' ],
    [ 'H5.5 create on a social connection', $create,
      '{"connection":"facebook","name":"x"}', 'attributes' ],
    [ 'H5.5 create, the connection last', $create,
      '{"name":"x","connection":"facebook"}', 'attributes' ],
    [ 'H5.5 create, the connection in escapes', $create,
      '{"name":"x","\u0063onnection":"\u0066acebook"}', 'attributes' ],

    [ 'H5.6 identity', $legacy, '{"picture":"x"}', 'attributes' ],
    [ 'H5.6 what the provider sends', $legacy, '{"gender":"x"}',
      'attributes' ],
    [ 'H5.6 old name', $legacy, '{"lastLogin":1}', 'attributes' ],
    [ 'H5.6 new name', $legacy, '{"last_login":1}', 'attributes' ],
    [ 'H5.6 dropped', $legacy, '{"_id":"x"}', 'attributes' ],
    [ 'H5.6 upper case', $legacy, '{"PICTURE":"x"}', 'attributes' ],
    [ 'H5.6 mixed case', $legacy, '{"User_Id":"x"}', 'attributes' ],
    [ 'H5.6 metadata in mixed case', $legacy, '{"MetaData":{}}',
      'attributes' ],
    [ 'H5.6 provider in upper case', $legacy, '{"GENDER":"x"}',
      'attributes' ],
    [ 'H5.6 long s in an escape', $legacy, '{"la\u017ft_name":"x"}',
      'attributes' ],
    [ 'H5.6 long s', $legacy, '{"la' . "\xc5\xbf" . 't_name":"x"}',
      'attributes' ],
    [ 'H5.6 Kelvin sign', $legacy, '{"lin\u212a":"x"}', 'attributes' ],
    [ 'H5.6 Kelvin sign, upper case', $legacy, '{"LIN\u212A":"x"}',
      'attributes' ],
    [ 'H5.6 among others', $legacy, '{"a":1,"b":{},"Picture":1,"c":2}',
      'attributes' ],

    # Names in other words

    [ 'H5.4 escaped name', $update, '{"\u006eame":"x"}', 'attributes' ],
    [ 'H5.4 escaped name, upper hex', $update, '{"na\u006De":"x"}',
      'attributes' ],
    [ 'H5.4 wholly escaped name', $update,
      '{"\u006e\u0061\u006d\u0065":"x"}', 'attributes' ],
    [ 'H5.6 escaped name', $legacy, '{"\u0050icture":"x"}', 'attributes' ],
    [ 'H5.4 twice', $update, '{"blocked":true,"blocked":false}',
      'duplicate' ],
    [ 'H5.4 twice, once in escapes', $update,
      '{"blocked":true,"\u0062locked":false}', 'duplicate' ],
    [ 'H5.4 twice, what is refused anyway', $update,
      '{"blocked":1,"name":1,"blocked":1}', 'duplicate' ],
    [ 'H5.4 a container twice', $update,
      '{"app_metadata":{},"app_metadata":{"email":1}}', 'duplicate' ],
    [ 'H5.4 a container twice, once in escapes', $update,
      '{"app_metadata":{},"app\u005fmetadata":{"email":1}}', 'duplicate' ],
    [ 'H5.4 twice in a container', $update,
      '{"user_metadata":{"a":1,"a":2}}', 'duplicate' ],
    [ 'H5.4 twice, slash', $update, '{"user_metadata":{"a/b":1,"a\/b":2}}',
      'duplicate' ],
    [ 'H5.4 twice, surrogates', $update,
      '{"user_metadata":{"' . "\xf0\x9f\x98\x80" . '":1,"\ud83d\ude00":2}}',
      'duplicate' ],
    [ 'H5.4 twice, empty', $update, '{"user_metadata":{"":1,"":2}}',
      'duplicate' ],
    [ 'H5.4 the connection twice', $create,
      '{"connection":"facebook","connection":"auth0","name":"x"}',
      'duplicate' ],
    [ 'H5.4 twice in v1', $legacy, '{"a":1,"\u0061":2}', 'duplicate' ],
    [ 'H5.4 far apart', $legacy,
      '{"a":1,' . join(',', map { qq("x$_":1) } 1 .. 300) . ',"a":2}',
      'duplicate' ],
    [ 'H5.3 NUL behind a name', $update, '{"blocked\u0000":true}', 'name' ],
    [ 'H5.3 NUL before a name', $legacy, '{"\u0000picture":1}', 'name' ],
    [ 'H5.3 NUL in a name deep down', $update,
      '{"user_metadata":{"a":[{"b\u0000":1}]}}', 'name' ],
    [ 'H5.3 lone high surrogate', $legacy, '{"picture\ud800":1}', 'name' ],
    [ 'H5.3 lone low surrogate', $legacy, '{"\udc00picture":1}', 'name' ],
    [ 'H5.3 surrogates in the wrong order', $update,
      '{"user_metadata":{"\ude00\ud83d":1}}', 'name' ],
    [ 'H5.3 lone surrogate deep down', $update,
      '{"user_metadata":{"a":{"\uDBFF":1}}}', 'name' ],

    # Bytes

    [ 'H5.3 raw NUL in a name', $update, "{\"blocked\0\":true}",
      'invalid_json' ],
    [ 'H5.3 raw NUL behind the text', $update, "$hidden\0",
      'trailing_data' ],
    [ 'H5.3 raw NUL before the text', $update, "\0$hidden", 'invalid_json' ],
    [ 'H5.3 byte order mark', $update, "\xef\xbb\xbf{\"blocked\":true}",
      'invalid_json' ],
    [ 'H5.3 UTF-16, big end first', $update,
      Encode::encode('UTF-16BE', $hidden), 'invalid_json' ],
    [ 'H5.3 UTF-16, little end first', $update,
      Encode::encode('UTF-16LE', $hidden), 'invalid_json' ],
    [ 'H5.3 UTF-16 with a mark', $update, Encode::encode('UTF-16', $hidden),
      'invalid_utf8' ],
    [ 'H5.3 UTF-32', $update, Encode::encode('UTF-32LE', $hidden),
      'invalid_json' ],
    [ 'H5.3 UTF-7 with a mark', $update, "+/v8-$hidden", 'invalid_json' ],
    [ 'H5.3 EBCDIC', $update, Encode::encode('cp1047', $hidden),
      'invalid_utf8' ],
    [ 'H5.3 overlong letter', $update, "{\"n\xc1\xa1me\":1}",
      'invalid_utf8' ],
    [ 'H5.3 overlong quote', $update, "{\"a\xc0\xa2:1}", 'invalid_utf8' ],
    [ 'H5.3 overlong NUL', $update, "{\"blocked\xc0\x80\":1}",
      'invalid_utf8' ],
    [ 'H5.3 overlong in three bytes', $legacy, "{\"pictur\xe0\x81\xa5\":1}",
      'invalid_utf8' ],
    [ 'H5.3 overlong in four bytes', $legacy,
      "{\"pictur\xf0\x80\x81\xa5\":1}", 'invalid_utf8' ],
    [ 'H5.3 surrogates in UTF-8', $legacy,
      "{\"a\":\"\xed\xa0\xbd\xed\xb8\x80\"}", 'invalid_utf8' ],
    [ 'H5.3 above U+10FFFF', $legacy, "{\"a\":\"\xf4\x90\x80\x80\"}",
      'invalid_utf8' ],
    [ 'H5.3 a sequence that takes the quote', $legacy,
      "{\"a\xc3\":1,\"picture\":1}", 'invalid_utf8' ],
    [ 'H5.3 a sequence cut by the end', $legacy, "{\"a\":1}\xc3",
      'trailing_data' ],
    [ 'H5.3 Latin-1', $legacy, "{\"a\":\"caf\xe9\"}", 'invalid_utf8' ],
    [ 'H5.3 GBK', $legacy, "{\"a\":\"\xbf\\\"}", 'invalid_utf8' ],

    # More or less than one object

    [ 'H5.3 second object', $update, '{"blocked":true}{"name":"x"}',
      'trailing_data' ],
    [ 'H5.3 second line', $update, "{\"blocked\":true}\n{\"name\":\"x\"}",
      'trailing_data' ],
    [ 'H5.3 comma behind', $update, '{"blocked":true},', 'trailing_data' ],
    [ 'H5.3 brace behind', $update, '{"blocked":true}}', 'trailing_data' ],
    [ 'H5.3 comment behind', $update, '{"blocked":true}//', 'trailing_data' ],
    [ 'H5.3 array', $update, '[{"name":"x"}]', 'not_object' ],
    [ 'H5.3 empty array', $update, '[]', 'not_object' ],
    [ 'H5.3 JSON patch', $update,
      '[{"op":"replace","path":"/name","value":"x"}]', 'not_object' ],
    [ 'H5.3 string', $update, '"{\"name\":\"x\"}"', 'not_object' ],
    [ 'H5.3 null', $update, 'null', 'not_object' ],
    [ 'H5.3 number', $update, '1', 'not_object' ],
    [ 'H5.3 true', $update, 'true', 'not_object' ],
    [ 'H5.3 white space', $update, " \r\n\t", 'truncated' ],
    [ 'H5.3 cut object', $update, '{"blocked":true', 'truncated' ],
    [ 'H5.3 cut string', $update, '{"blocked":"', 'truncated' ],
    [ 'H5.3 cut escape', $update, '{"user_metadata":{"a":"\\', 'truncated' ],
    [ 'H5.3 cut container', $update, '{"user_metadata":{"a":1}', 'truncated' ],

    # What lenient parsers take

    [ 'H5.3 comment', $update, '{/*"*/"name":1/*"*/:1}', 'invalid_json' ],
    [ 'H5.3 comment to the end of the line', $update,
      "{\"blocked\":true//,\n}", 'invalid_json' ],
    [ 'H5.3 shell comment', $update, "{\"blocked\":true#\n}",
      'invalid_json' ],
    [ 'H5.3 single quotes', $update, "{'name':1}", 'invalid_json' ],
    [ 'H5.3 no quotes', $update, '{name:1}', 'invalid_json' ],
    [ 'H5.3 last comma', $update, '{"blocked":true,}', 'invalid_json' ],
    [ 'H5.3 two commas', $update, '{"blocked":true,,"name":1}',
      'invalid_json' ],
    [ 'H5.3 no comma', $update, '{"blocked":true "name":1}',
      'invalid_json' ],
    [ 'H5.3 equals sign', $update, '{"blocked"=true}', 'invalid_json' ],
    [ 'H5.3 NaN', $update, '{"user_metadata":{"a":NaN}}', 'invalid_json' ],
    [ 'H5.3 hexadecimal', $update, '{"user_metadata":{"a":0x1}}',
      'invalid_json' ],
    [ 'H5.3 leading zero', $update, '{"user_metadata":{"a":01}}',
      'invalid_json' ],
    [ 'H5.3 unknown escape', $update, '{"\x6eame":1}', 'invalid_json' ],
    [ 'H5.3 octal escape', $update, '{"\156ame":1}', 'invalid_json' ],
    [ 'H5.3 escape in braces', $update, '{"\u{6e}ame":1}', 'invalid_json' ],
    [ 'H5.3 short escape', $update, '{"\u6eame":1}', 'invalid_json' ],
    [ 'H5.3 newline in a name', $update, "{\"na\nme\":1}", 'invalid_json' ],
    [ 'H5.3 continued line', $update, "{\"na\\\nme\":1}", 'invalid_json' ],
    [ 'H5.3 vertical tab', $update, "{\x0b\"blocked\":true}",
      'invalid_json' ],
    [ 'H5.3 form feed', $update, "{\"blocked\":true\f}", 'invalid_json' ],
    [ 'H5.3 no-break space', $update, "{\xc2\xa0\"blocked\":true}",
      'invalid_json' ],
    [ 'H5.3 true in upper case', $update, '{"blocked":TRUE}',
      'invalid_json' ],
    [ 'H5.3 a form', $update, 'name=x&blocked=true', 'invalid_json' ],
    [ 'H5.3 XML', $update, '<user><name>x</name></user>', 'invalid_json' ],
    [ 'H5.3 YAML', $update, "name: x\n", 'invalid_json' ],
    [ 'H5.3 parts', $update, "--x\r\nContent-Type: application/json\r\n\r\n"
      . "$hidden\r\n--x--\r\n", 'invalid_json' ],

    # Size and depth

    [ 'H5.1 too large', $small,
      '{"user_metadata":{"a":"' . 'x' x 1024 . '"}}', 'body_too_large' ],
    [ 'H5.1 too large, white space', $small,
      '{"blocked":true}' . ' ' x 1009, 'body_too_large' ],
    [ 'H5.1 too large, a refusal beyond the limit', $small,
      '{"blocked":true' . ' ' x 1009 . ',"name":1}', 'body_too_large' ],
    [ 'H5.3 too deep', $small, $nested, 'too_deep' ],
    [ 'H5.3 too deep, arrays', $small, '{"a":[[[[]]]]}', 'too_deep' ],
    [ 'H5.3 too deep by default', $update,
      '{"user_metadata":' . '[' x 128 . ']' x 128 . '}', 'too_deep' ],
    [ 'H5.3 brackets', $update, '[' x 5000, 'too_deep' ],

    # Metadata

    [ 'H5.7 array', $update, '{"app_metadata":[]}', 'container' ],
    [ 'H5.7 string', $update, '{"user_metadata":"x"}', 'container' ],
    [ 'H5.7 false', $update, '{"user_metadata":false}', 'container' ],
    [ 'H5.7 number', $create, '{"app_metadata":0}', 'container' ],
    [ 'H5.7 v1, array', $legacy, '{"app_metadata":[{"email":1}]}',
      'container' ],
    [ 'H5.7 reserved', $update, '{"app_metadata":{"email":1}}', 'reserved' ],
    [ 'H5.7 reserved, in escapes', $update,
      '{"app_metadata":{"\u005f_tenant":1}}', 'reserved' ],
    [ 'H5.7 reserved, the container in escapes', $update,
      '{"\u0061pp_metadata":{"_id":1}}', 'reserved' ],
    [ 'H5.7 v1, reserved in a container', $legacy,
      '{"app_metadata":{"_id":1}}', 'reserved' ],
    [ 'H5.7 v1, reserved behind a prefix', $legacy, '{"am_email":1}',
      'reserved' ],
    [ 'H5.7 dot', $update, '{"user_metadata":{"a.b":1}}', 'metadata_name' ],
    [ 'H5.7 dot, in an escape', $update, '{"user_metadata":{"a\u002eb":1}}',
      'metadata_name' ],
    [ 'H5.7 dollar sign', $update, '{"app_metadata":{"$set":{}}}',
      'metadata_name' ],
    [ 'H5.7 v1, dot', $legacy, '{"identities.0.user_id":1}',
      'metadata_name' ],
    [ 'H5.7 v1, dollar sign', $legacy, '{"$set":{"picture":1}}',
      'metadata_name' ],
);

for my $row (@bodies) {
    my ($name, $asked, $body, $reason) = @$row;
    my ($method, $uri) = split / /, $asked;
    my $want = ($status{$reason} // 400) . " blocked $reason";

    for my $transport (transports()) {
        my $res = deliver($t, $transport, $method, $uri, $body,
                          'Content-Type' => 'application/json');

        is(outcome($res, $backend), $want, "$name: $transport");
    }
}


# An empty body is none, in whatever way it is told.

for my $transport (transports()) {
    for my $method ('PUT', 'PATCH') {
        my $res = deliver($t, $transport, $method, '/v2/facebook%7C10', '',
                          'Content-Type' => 'application/json');

        is(outcome($res, $backend), '400 blocked empty_body',
           "H5.3 empty, $method: $transport");
    }
}


# Every method has its body judged.

for my $method (qw(GET POST PUT PATCH DELETE OPTIONS PROPFIND MERGE QUERY)) {
    for my $transport ('length', 'chunks of 3', 'HTTP/2') {
        my $res = deliver($t, $transport, $method, '/v2/facebook%7C10',
                          $hidden, 'Content-Type' => 'application/json');

        is(outcome($res, $backend), '400 blocked attributes',
           "H5.1 $method: $transport");
    }
}

my $res = deliver($t, 'length', 'HEAD', '/v2/facebook%7C10', $hidden,
                  'Content-Type' => 'application/json');

is(outcome($res, $backend), '400 blocked attributes', 'H5.1 HEAD');


# Headers, as lines; the body would be allowed.

my $allowed = '{"blocked":true}';

gzip(\$hidden => \my $packed);

my @headers = (
    [ 'no media type', '', 'media_type' ],
    [ 'empty media type', 'Content-Type:', 'media_type' ],
    ( map { [ $_, "Content-Type: $_", 'media_type' ] }
      'text/plain',
      'text/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'application/jose',
      'application/merge-patch+yaml',
      'application/json5',
      'application/json-patch+json',
      'application/vnd.api+json',
      'application/json/x',
      'application',
      'application/',
      'application /json',
      'application/ json',
      'application/json, text/plain',
      'text/plain, application/json',
      'text/plain; application/json',
      'application/json text/plain',
      'application/json;=',
      'application/json; charset',
      'application/json; charset=',
      'application/json; charset=utf-16',
      'application/json; charset=UTF-7',
      'application/json; charset=utf8',
      'application/json; charset=iso-8859-1',
      'application/json; charset=utf-8; charset=utf-16',
      'application/json; charset=utf-8; charset=utf-8',
      'application/json; charset=utf-8; CHARSET=utf-7',
      'application/json; charset="utf-16"',
      'application/json; charset="utf-8',
      'application/json; charset="utf-8"x',
      'application/json; charset="utf\-8"',
      "application/json; charset='utf-8'",
      'application/json; charset =utf-8',
      'application/json; charset= utf-8',
      'application/json; x="charset=utf-8"; charset=utf-7',
      'application/json; x="; charset=utf-7"',
      'application/json; x=charset=utf-7',
      'application/json; charset=utf-8, application/x; charset=utf-7',
      'application/json; charset*=utf-7',
      "application/json; charset*=us-ascii''utf-7",
      "application/json; charset=utf-8; charset*=''utf-16",
      'application/json; charset*0=utf-; charset*1=7',
      "application/json; charset*0*=''utf-; charset*1*=7",
      "application/json\x{a0}; charset=utf-8",
      "application/json;\x0bcharset=utf-8" ),

    [ 'two media types', "Content-Type: application/json\r\n"
      . 'Content-Type: text/plain', 'media_type' ],
    [ 'two media types, the first one wrong', "Content-Type: text/plain\r\n"
      . 'Content-Type: application/json', 'media_type' ],
    [ 'the same media type twice', "Content-Type: application/json\r\n"
      . 'Content-Type: application/json', 'media_type' ],
    [ 'two media types in two cases', "content-type: application/json\r\n"
      . 'CONTENT-TYPE: text/plain', 'media_type' ],
    [ 'a second one that is empty', "Content-Type: application/json\r\n"
      . 'Content-Type:', 'media_type' ],
    [ 'two media types far apart', "Content-Type: application/json\r\n"
      . join('', map { "X-$_: x\r\n" } 1 .. 50) . 'Content-Type: text/plain',
      'media_type' ],

    ( map { [ "coding $_", "Content-Type: application/json\r\n"
              . "Content-Encoding: $_", 'body_encoding' ] }
      'gzip', 'x-gzip', 'deflate', 'compress', 'br', 'zstd', 'GZIP',
      'identity, gzip',
      'gzip, identity', '', 'identity;q=1' ),
    [ 'two codings', "Content-Type: application/json\r\n"
      . "Content-Encoding: identity\r\nContent-Encoding: gzip",
      'body_encoding' ],

    ( map { [ "$_ header", "Content-Type: application/json\r\n$_: PUT",
              'method_override' ] }
      'X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override',
      'x-http-method-override', 'X-Http-Method', 'X-METHOD-OVERRIDE' ),
    [ 'an empty override', "Content-Type: application/json\r\n"
      . 'X-HTTP-Method-Override:', 'method_override' ],
);

# Lines that nginx drops unless it is told not to.

my @odd = (
    ( map { [ "$_ too", "Content-Type: application/json\r\n$_: text/plain",
              'media_type' ] }
      'Content_Type', 'content_type', 'CONTENT_TYPE', 'Content.Type',
      'Content~Type' ),
    [ 'Content_Type alone', 'Content_Type: text/plain', 'media_type' ],
    ( map { [ $_, "Content-Type: application/json\r\n$_: gzip",
              'body_encoding' ] }
      'Content_Encoding', 'Content.Encoding' ),
    ( map { [ $_, "Content-Type: application/json\r\n$_: PUT",
              'method_override' ] }
      'X_HTTP_Method_Override', 'X-HTTP_METHOD', 'X.Method.Override' ),
);

sub send_lines {
    my ($port, $asked, $lines, $body) = @_;

    return outcome($t->http("$asked HTTP/1.1\r\nHost: localhost\r\n"
                            . ($lines eq '' ? '' : "$lines\r\n")
                            . "Connection: close\r\nContent-Length: "
                            . length($body) . "\r\n\r\n$body",
                            port => $t->port($port)),
                   $backend);
}

for my $row (@headers) {
    my ($name, $lines, $reason) = @$row;
    my $rule = $reason eq 'method_override' ? 'H5.8' : 'H5.2';
    my $want = ($status{$reason} // 400) . " blocked $reason";

    is(send_lines(0, $update, $lines, $allowed), $want, "$rule $name");
    is(send_lines(4, $update, $lines, $allowed), $want,
       "$rule $name: unbuffered");
}

for my $row (@odd) {
    my ($name, $lines, $reason) = @$row;
    my $rule = $reason eq 'method_override' ? 'H5.8' : 'H5.2';

    is(send_lines(7, $update, $lines, $allowed),
       ($status{$reason} // 400) . " blocked $reason", "$rule $name");
}

is(send_lines(0, $update, "Content-Type: application/json\r\n"
                          . 'Content-Encoding: gzip', $packed),
   '415 blocked body_encoding', 'H5.2 a body that is packed');
is(send_lines(0, $update, 'Content-Type: application/json', $packed),
   '400 blocked invalid_json', 'H5.3 a body that is packed in secret');
is(send_lines(0, 'PUT /v2/facebook%7C10',
              'Content-Type: application/merge-patch+json', $allowed),
   '415 blocked media_type', 'H5.2 a merge patch that is a PUT');

# Over HTTP/2: pairs may stand twice, too.

for my $row ([ 'text/plain', 'media_type' ],
             [ 'application/json; charset=utf-7', 'media_type' ],
             [ 'application/merge-patch+json; charset=utf-16', 'media_type' ])
{
    my ($type, $reason) = @$row;

    is(outcome($t->http2_request('PATCH', '/v2/facebook%7C10',
                                 'content-type' => $type,
                                 ':body' => $allowed), $backend),
       "415 blocked $reason", "H5.2 HTTP/2: $type");
}

is(outcome($t->http2_request('PATCH', '/v2/facebook%7C10',
                             ':body' => $allowed), $backend),
   '415 blocked media_type', 'H5.2 HTTP/2: no media type');
is(outcome($t->http2_request('PATCH', '/v2/facebook%7C10',
                             'content-type' => 'application/json',
                             'x-http-method-override' => 'PUT',
                             ':body' => $allowed), $backend),
   '400 blocked method_override', 'H5.8 HTTP/2: override');
is(outcome($t->http2_request('PATCH', '/v2/facebook%7C10',
                             'content-type' => 'application/json',
                             'Content-Type' => 'text/plain',
                             ':body' => $allowed), $backend),
   '415 blocked media_type', 'H5.2 HTTP/2: two media types');


# Framing: what nginx refuses by itself, the guard never sees.

my $json = 'Content-Type: application/json';

my @framings = (
    [ 'length and chunks', "$json\r\nContent-Length: 4\r\n"
      . 'Transfer-Encoding: chunked', "10\r\n$allowed\r\n0\r\n\r\n", 400 ],
    [ 'two lengths', "$json\r\nContent-Length: 16\r\nContent-Length: 26",
      $hidden, 400 ],
    [ 'a signed length', "$json\r\nContent-Length: +16", $allowed, 400 ],
    [ 'a list of lengths', "$json\r\nContent-Length: 16, 16", $allowed, 400 ],
    [ 'another transfer coding', "$json\r\nTransfer-Encoding: gzip, chunked",
      "10\r\n$allowed\r\n0\r\n\r\n", 501 ],
    [ 'chunked twice', "$json\r\nTransfer-Encoding: chunked\r\n"
      . 'Transfer-Encoding: chunked', "10\r\n$allowed\r\n0\r\n\r\n", 400 ],
    [ 'a wrong size', "$json\r\nTransfer-Encoding: chunked",
      "x10\r\n$allowed\r\n0\r\n\r\n", 400 ],
    [ 'a size that is too long', "$json\r\nTransfer-Encoding: chunked",
      'f' x 17 . "\r\n$allowed\r\n0\r\n\r\n", 400 ],
    [ 'a chunk without its end', "$json\r\nTransfer-Encoding: chunked",
      "10\r\n${allowed}0\r\n\r\n", 400 ],
    [ 'a space before the colon', 'Content-Type : application/json'
      . "\r\nContent-Length: 16", $allowed, 400 ],
    [ 'a continued line', "Content-Type: text/plain;\r\n application/json"
      . "\r\nContent-Length: 16", $allowed, 400 ],
    [ 'NUL in a header', "$json\0\r\nContent-Length: 16", $allowed, 400 ],
);

for my $row (@framings) {
    my ($name, $lines, $body, $code) = @$row;

    is(outcome($t->http("PATCH /v2/facebook%7C10 HTTP/1.1\r\n"
                        . "Host: localhost\r\n$lines\r\n\r\n$body"),
               $backend),
       "$code - -", "H5.1 framing: $name");
}

# A second request that pretends to be a body, a body that pretends to be one.

my $client = $t->connect;

$client->send("PATCH /v2/facebook%7C10 HTTP/1.1\r\nHost: localhost\r\n$json\r\n"
              . "Content-Length: 16\r\n\r\n$allowed$hidden");

is($client->response->status, 200, 'H5.1 more than the length: the request');
is($client->response->status, 400, 'H5.1 more than the length: the rest');
is(join('', map { $_->{body} } $backend->requests), $allowed,
   'H5.1 more than the length is not passed on');

$client->close;
$backend->forget;

$client = $t->connect;

$client->send("PATCH /v2/facebook%7C10 HTTP/1.1\r\nHost: localhost\r\n$json\r\n"
              . "Transfer-Encoding: chunked\r\n\r\n"
              . "10;name=\"x\"\r\n$allowed\r\n0;a=b\r\n"
              . "Content-Type: text/plain\r\nX-HTTP-Method: PUT\r\n\r\n"
              . "PATCH /v2/facebook%7C11 HTTP/1.1\r\nHost: localhost\r\n$json"
              . "\r\nConnection: close\r\n"
              . "Content-Length: 27\r\n\r\n$hidden");

is($client->response->status, 200, 'H5.1 extensions and trailers');

$res = $client->response;

unlike(($backend->requests)[0]{head}, qr/text\/plain|Method/i,
       'H5.1 trailers are not passed on');
is(outcome($res, $backend), "400 blocked attributes [PATCH $allowed]",
   'H5.1 the next request is judged, too');

$client->close;

# HTTP/1.0 knows no chunks.

is(outcome($t->http("PATCH /v2/facebook%7C10 HTTP/1.0\r\n$json\r\n"
                    . "Transfer-Encoding: chunked\r\n\r\n"
                    . "10\r\n$allowed\r\n0\r\n\r\n"), $backend),
   '400 - -', 'H5.1 framing: chunks in HTTP/1.0');

# A client that goes away while it sends.

$client = $t->connect;

ok(send_read($client, "PATCH /v2/facebook%7C10 HTTP/1.1\r\nHost: localhost\r\n"
                      . "$json\r\nContent-Length: 100\r\n\r\n$allowed"),
   'H5.1 half a body was read');

$client->abort;

is(outcome(deliver($t, 'length', 'PATCH', '/v2/facebook%7C10', $allowed,
                   'Content-Type' => 'application/json'), $backend),
   "200 passed allowed [PATCH $allowed]", 'H5.1 and is not sent');

# An answer does not wait for a body that is of no interest.

$client = $t->connect;

$client->send("PATCH /v2/facebook%7C10 HTTP/1.1\r\nHost: localhost\r\n"
              . "Content-Type: text/plain\r\nContent-Length: 100000\r\n\r\n");

is(outcome($client->response, $backend), '415 blocked media_type',
   'H5.2 before the body');

$client->close;

done_testing;
