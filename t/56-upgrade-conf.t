#!/usr/bin/perl

# Proves that mistakes in profile_call, profile_list, profile_walk and
# profile_fields are refused with the line, the bad word and what was expected,
# and that what is right is taken, in any order.  It fails when a location would
# answer writes without a guard, or could not end a plan.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new;

# The text stands in a server.

sub try {
    my ($text) = @_;

    return $t->test_conf(<<"END");
include profile/auth0.conf;
server {
    listen 127.0.0.1:%%PORT%%;
    $text
}
END
}

# Where the text begins nginx knows best.

my ($first) = (try('here_it_begins;'))[1]
              =~ /"here_it_begins" in \S+:(\d+)$/m;

sub taken {
    my ($what, $text) = @_;

    my ($code, $out) = try($text);

    is($code, 0, "taken: $what") or diag($out);
}

# The line is that of the mistake, marked by "<-".

sub refused {
    my ($what, $text, @expected) = @_;

    my ($before) = $text =~ /\A(.*?)<-/s;
    my $line = () = $before =~ /\n/g;

    $text =~ s/<-//;

    my ($code, $out) = try($text);
    my ($emerg) = $out =~ /^(.*\[emerg\].*)$/m;

    isnt($code, 0, "refused: $what");
    like($emerg // $out, qr{ in \S+/test\.conf:@{[ $first + $line ]}$},
         "the line: $what");
    like($emerg // $out, qr/\Q$_\E/, "told: $what") for @expected;
}


# profile_call

my $guard = 'profile_guard auth0 mode=v2;';
my $update = "$guard profile_user_id /u/*; profile_call read /r;";

taken('a write of one user', "location /u/ { $update profile_call email /e; }");
taken('a create', "location /u { $guard profile_call create /c; }");
taken('all kinds', "location /u/ { $update profile_call create /c;"
      . join('', map { "profile_call $_ /$_;" }
             qw(email password attributes metadata bag)) . '}');
taken('in another order', 'location /u/ { profile_call metadata /m; '
      . 'profile_call read /r; profile_user_id /u/*; profile_guard auth0 '
      . 'mode=v2; }');
taken('a URI with arguments and variables',
      "location /u/ { $update profile_call email /e/\$request_id?a=\$arg_b; }");
taken('what is inherited', "$guard profile_user_id /u/*; location /u/ { "
      . 'profile_call read /r; }');
taken('calls are not inherited', "location /u/ { $update location /u/v1/ { "
      . 'profile_guard off; } location /u/x/ { profile_user_id off; } }');
taken('a dry run elsewhere', 'profile_guard_dry_run on; location /u/ { '
      . "profile_guard_dry_run off; $update }");

refused('an unknown kind', "location / {\n profile_call emial /e;<-\n}",
        'invalid kind "emial"', 'expected "email", "password", "attributes", '
        . '"metadata", "bag", "create" or "read"');
refused('a kind in capitals', 'location / { profile_call Email /e;<- }',
        'invalid kind "Email"');
refused('an empty kind', 'location / { profile_call "" /e;<- }',
        'invalid kind ""');
refused('a kind twice', "location / { profile_call bag /e;\n"
        . "profile_call read /r;\nprofile_call bag /e;<- }",
        'duplicate profile_call "bag"');
refused('a URI without a slash', 'location / { profile_call email e;<- }',
        'invalid URI "e"', 'expected that of an internal location');
refused('a URL', 'location / { profile_call email http://v1/e;<- }',
        'invalid URI "http://v1/e"');
refused('a named location', 'location / { profile_call email @e;<- }',
        'invalid URI "@e"');
refused('an empty URI', 'location / { profile_call email "";<- }',
        'invalid URI ""');
refused('a variable that begins it', 'location / { profile_call email $e;<- }',
        'invalid URI "$e"');
refused('no URI', 'location / { profile_call email;<- }',
        'invalid number of arguments in "profile_call"');
refused('two URIs', 'location / { profile_call email /a /b;<- }',
        'invalid number of arguments in "profile_call"');
refused('in a server', 'profile_call email /e;<-', '"profile_call"',
        'not allowed here');
refused('in an if', 'location / { if ($arg_a) { profile_call email /e;<- } }',
        '"profile_call"', 'not allowed here');

refused('no guard', "location / {\n profile_user_id /u/*;\n"
        . "profile_call read /r;<-\nprofile_call email /e; }",
        '"profile_call" needs a "profile_guard" with "mode=v2"');
refused('the guard is off', "$guard location / { profile_guard off;\n"
        . 'profile_call create /c;<- }',
        '"profile_call" needs a "profile_guard" with "mode=v2"');
refused('a guard of v1', 'location / { profile_guard auth0 mode=v1;'
        . ' profile_user_id /u/*; profile_call read /r;<- }',
        '"profile_call" needs a "profile_guard" with "mode=v2"');
refused('a guard of v1 of the server', "profile_guard auth0 mode=v1;\n"
        . 'location / { profile_call create /c;<- }',
        '"profile_call" needs a "profile_guard" with "mode=v2"');
refused('a dry run', "location / { $guard profile_guard_dry_run on;\n"
        . 'profile_call create /c;<- }',
        '"profile_call" needs no "profile_guard_dry_run"');
refused('a dry run of the server', "profile_guard_dry_run on;\n"
        . "location / { $guard profile_call create /c;<- }",
        '"profile_call" needs no "profile_guard_dry_run"');
refused('no read', "location / { $guard profile_user_id /u/*;\n"
        . "profile_call metadata /m;<-\n profile_call create /c; }",
        '"profile_call" needs a "profile_call read", as "profile_user_id" '
        . 'is set');
refused('no create', "location / { $guard\nprofile_call metadata /m;<-\n"
        . 'profile_call read /r; }',
        '"profile_call" needs a "profile_call create" or a "profile_user_id"');


# profile_list

taken('a list', 'location / { profile_list; }');
taken('a list with all', 'location / { profile_list match=email:$arg_e '
      . 'total=$upstream_http_x totals=true per_page=$arg_p page=0; }');
taken('a match with a colon', 'location / { profile_list match=a:b:c; }');
taken('a match of nothing', 'location / { profile_list match=a:; }');

refused('an unknown parameter', 'location / { profile_list pages=1;<- }',
        'invalid parameter "pages=1"', 'expected "page=value", '
        . '"per_page=value", "totals=value", "total=value", '
        . '"total_member=PATH", "first_page=number", "match=NAME:value" or '
        . '"entries=NAME", once each');
refused('a name that JSON escapes',
        "location / { profile_list 'entries=a\"';<- }",
        'invalid parameter "entries=a""');
refused('no name', 'location / { profile_list entries=;<- }',
        'invalid parameter "entries="');
refused('two names', 'location / { profile_list entries=a entries=b;<- }',
        'invalid parameter "entries=b"');
refused('a bare word', 'location / { profile_list on;<- }',
        'invalid parameter "on"');
refused('no value', 'location / { profile_list page;<- }',
        'invalid parameter "page"');

for my $name (qw(page per_page totals total)) {
    refused("$name= twice", "location / { profile_list $name=1 $name=2;<- }",
            "invalid parameter \"$name=2\"", 'once each');
    refused("$name= of nothing", "location / { profile_list $name=;<- }",
            "invalid parameter \"$name=\"");
}

my $envelope = 'profile_rewrite auth0 api=v2 envelope=data.users;';

taken('U5.2 a total in the body, of the server',
      "$envelope location / { profile_list total=\$arg_t "
      . 'total_member=data.total; }');
taken('U5.2 a total with dots in its names',
      "location / { profile_list total_member=a\\.b.c.d.e; $envelope }");
taken('U5.8 the first page',
      'location / { profile_list first_page=0; } '
      . 'location /a { profile_list first_page=1000; }');

for my $path ('', '.', 'a..b', 'a.', 'a.b.c.d.e') {
    refused("U5.2 the path of a total, '$path'",
            "location / { $envelope profile_list total_member=$path;<- }",
            "invalid path in \"total_member=$path\", expected 1 to 4 names "
            . 'between dots');
}

refused('U5.2 total_member= twice',
        "location / { $envelope profile_list total_member=a "
        . 'total_member=b;<- }', 'invalid parameter "total_member=b"');

for ([ 'no rewrite', '' ], [ 'no envelope', 'profile_rewrite auth0 api=v2;' ],
     [ 'no v2', 'profile_rewrite auth0 envelope=users;' ],
     [ 'off', "profile_rewrite off;" ]) {
    refused("U5.2 a total in the body, $_->[0]",
            "location / { $_->[1]\nprofile_list page=1 total_member=a;<-\n }",
            '"profile_list" with "total_member=" needs a "profile_rewrite" '
            . 'with "api=v2" and "envelope=" in the same location');
}

for my $path ('data.users', 'data', 'data.users.n', 'd.a') {
    my $text = "location / { $envelope\nprofile_list total_member=$path;<-\n }";

    if ($path eq 'd.a') {
        taken("U5.2 a total beside the list, $path", $text =~ s/<-//r);
        next;
    }

    refused("U5.2 a total on the way to the list, $path", $text,
            '"profile_list" with a "total_member=" that is on the path of '
            . '"envelope="');
}

for my $n ('', '-1', '1001', 'a', '1.0', '$arg_a') {
    refused("U5.8 no first page, '$n'",
            "location / { profile_list first_page=$n;<- }",
            "invalid number in \"first_page=$n\", expected 0 to 1000");
}

refused('U5.8 first_page= twice',
        'location / { profile_list first_page=0 first_page=0;<- }',
        'invalid parameter "first_page=0"');

refused('match= twice', 'location / { profile_list match=a:b match=c:d;<- }',
        'invalid parameter "match=c:d"');
refused('a match without a value', 'location / { profile_list match=a;<- }',
        'invalid "match=a"', 'expected "match=NAME:value"');
refused('a match without a name', 'location / { profile_list match=:a;<- }',
        'invalid "match=:a"');
refused('an invalid variable', 'location / { profile_list page=$;<- }',
        'invalid variable name');
refused('a list twice', "location / { profile_list;\nprofile_list;<- }",
        '"profile_list" directive is duplicate');
refused('a list in a server', 'profile_list;<-', 'not allowed here');
refused('a list in an if', 'location / { if ($arg_a) { profile_list;<- } }',
        'not allowed here');


# profile_walk

my $walk = 'location / { profile_rewrite auth0 api=v2; profile_list; ';

taken('a walk', "$walk profile_walk /p; }");
taken('a walk with all', "$walk profile_walk /p\$arg_p query=\$arg_q sort=a:1 "
      . 'size=1000 pages=1000000 parallel=2 time=100ms walks=1 count=walk '
      . 'if=$arg_w; }');
taken('a rewrite of the server',
      'profile_rewrite auth0 api=v2; location / { profile_list; '
      . 'profile_walk /p; }');

refused('no URI', "$walk profile_walk query=a;<- }",
        'invalid URI "query=a", expected that of an internal location');
refused('nothing', "$walk profile_walk;<- }", 'invalid number of arguments');
refused('an unknown parameter', "$walk profile_walk /p page=1;<- }",
        'invalid parameter "page=1"', 'expected "query=value", "sort=value", '
        . '"size=users", "pages=number", "parallel=1|2", "time=time", '
        . '"walks=number", "count=walk|probe" or "if=value", once each');

for ([ 'size', 1000 ], [ 'pages', 1000000 ], [ 'parallel', 2 ],
     [ 'walks', 65535 ])
{
    my ($name, $max) = @$_;

    for my $value (0, $max + 1, 'x', -1, '') {
        refused("$name=$value", "$walk profile_walk /p $name=$value;<- }",
                "invalid number in \"$name=$value\", expected 1 to $max");
    }

    refused("$name= twice", "$walk profile_walk /p $name=1 $name=1;<- }",
            "invalid parameter \"$name=1\"");
}

for my $value (qw(time=0 time=x time= count=x count= query= sort= if=)) {
    refused($value, "$walk profile_walk /p $value;<- }",
            "invalid parameter \"$value\"");
}

refused('query= twice', "$walk profile_walk /p query=a query=b;<- }",
        'invalid parameter "query=b"');
refused('a walk twice', "$walk profile_walk /p;\nprofile_walk /p;<- }",
        '"profile_walk" directive is duplicate');
refused('a walk in a server', 'profile_walk /p;<-', 'not allowed here');
refused('no list', 'location / { profile_rewrite auth0 api=v2; '
        . 'profile_walk /p;<- }', 'needs a "profile_list" in the same');
refused('no v2', 'location / { profile_rewrite auth0; profile_list; '
        . 'profile_walk /p;<- }',
        'needs a "profile_rewrite" with "api=v2", of users in the same');
refused('no rewrite', 'location / { profile_list; profile_walk /p;<- }',
        'needs a "profile_rewrite"');
refused('no users', 'location / { profile_rewrite auth0 api=v2 users=none; '
        . 'profile_list; profile_walk /p;<- }', 'of users in the same');

taken('a buffer for an order', 'profile_sort_buffer 1m; '
      . 'location / { profile_sort_buffer 4k; }');
refused('no buffer', 'profile_sort_buffer x;<-', 'invalid value');


# profile_fields

taken('fields', 'location / { profile_fields a,b; }');
taken('fields of the server', 'profile_fields $arg_f exclude=$arg_e; '
      . 'location / { profile_fields x; }');
taken('no fields', 'location / { profile_fields "" exclude=; }');

refused('no names', 'location / { profile_fields;<- }',
        'invalid number of arguments in "profile_fields"');
refused('names apart', 'location / { profile_fields a b;<- }',
        'invalid parameter "b"', 'expected "exclude=value"');
refused('three', 'location / { profile_fields a exclude=b c;<- }',
        'invalid number of arguments in "profile_fields"');
refused('another word', 'location / { profile_fields a include=b;<- }',
        'invalid parameter "include=b"');
refused('fields twice', "profile_fields a;\nprofile_fields b;<-",
        '"profile_fields" directive is duplicate');
refused('fields in an if',
        'location / { if ($arg_a) { profile_fields a;<- } }',
        'not allowed here');
refused('an invalid variable in fields', 'profile_fields $;<-',
        'invalid variable name');

done_testing;
