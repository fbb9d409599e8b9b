#!/usr/bin/perl

# Proves what nginx -t refuses in the directives of schemas, of the rewriter
# and of the guard, with the file, the line, the bad word and what was
# expected; what it takes; and that what is taken means that in the locations
# below, too.  It fails when a mistake starts, is shown in another place, or
# when a location has more or less of the outer one than the reference says.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new;


# What stands before the text in a schema, and a text that is right for each
# directive, which another one of the same level makes a duplicate.

my $s = 'profile_schema s { identity email; }';

my %level = (
    profile_rewrite             => 's',
    profile_rewrite_dry_run     => 'on',
    profile_types               => 'text/x',
    profile_unreadable_user     => 'fail',
    profile_buffer_size         => '1k',
    profile_max_user_size       => '2k',
    profile_max_depth           => '3',
    profile_guard               => 's mode=v2',
    profile_guard_dry_run       => 'on',
    profile_guard_status        => '403',
    profile_guard_max_body_size => '2k',
    profile_user_id             => '/u/*',
    profile_cors                => '$http_origin',
);

my %most = (profile_rewrite => 6, profile_guard => 4);


# Directives in places: where, the text with "<-" in the line of the mistake,
# and what is said of it.

my $nowhere = qr/directive is not allowed here/;

my @refused = (

    # The name of a schema

    [ 'profile_schema, no name', 'profile_schema {<- }',
      qr/invalid number of arguments in "profile_schema" directive/ ],
    [ 'profile_schema, two names', 'profile_schema a b {<- }',
      qr/invalid number of arguments in "profile_schema" directive/ ],
    [ 'profile_schema, an empty name', "\nprofile_schema '' {<- }",
      qr/invalid schema name "", expected any word but "off"/ ],
    [ 'profile_schema, the name "off"', "\nprofile_schema off {<- }",
      qr/invalid schema name "off", expected any word but "off"/ ],
    [ 'profile_schema, no block', 'profile_schema a;<-',
      qr/directive "profile_schema" has no opening "\{"/ ],
    [ 'profile_schema, twice', "$s\nprofile_schema s {<- }",
      qr/duplicate profile_schema "s"/ ],
    [ 'profile_schema, twice, used between',
      "$s\nprofile_rewrite s;\nprofile_schema t { }\nprofile_schema s {<-\n}",
      qr/duplicate profile_schema "s"/ ],
    [ 'profile_schema, twice, quoted', "$s\n\nprofile_schema \"s\" {<- }",
      qr/duplicate profile_schema "s"/ ],
    [ 'profile_schema in a server', "server {\nprofile_schema a {<- } }",
      qr/"profile_schema" $nowhere/ ],
    [ 'profile_schema in a location',
      "server { location / {\nprofile_schema a {<- } } }",
      qr/"profile_schema" $nowhere/ ],
    [ 'profile_schema in a schema',
      "profile_schema a {\nidentity b;\nprofile_schema c {<- }\n}",
      qr/unexpected "\{"|unknown statement "profile_schema" in a schema/ ],

    # Its use, shown where it is used first

    [ 'profile_schema, unknown', "$s\nserver {\nprofile_rewrite t;<-\n}",
      qr/unknown profile_schema "t"/ ],
    [ 'profile_schema, unknown to the guard',
      "$s\nserver { location / {\n\nprofile_guard t mode=v1;<- } }",
      qr/unknown profile_schema "t"/ ],
    [ 'profile_schema, unknown, the first use',
      "$s\nprofile_guard t mode=v1;<-\nserver { profile_rewrite t; }",
      qr/unknown profile_schema "t"/ ],
    [ 'profile_schema, the first that is unknown',
      "profile_rewrite s;\nserver { profile_rewrite t;<-\n"
      . "location / { profile_rewrite u; } }\n$s",
      qr/unknown profile_schema "t"/ ],
    [ 'profile_schema, in capitals', "$s\nprofile_rewrite S;<-",
      qr/unknown profile_schema "S"/ ],
    [ 'profile_schema, longer', "$s\nprofile_rewrite s2;<-",
      qr/unknown profile_schema "s2"/ ],
    [ 'profile_schema, shorter',
      "profile_schema s2 { }\nprofile_rewrite s;<-",
      qr/unknown profile_schema "s"/ ],
    [ 'profile_schema, a variable', "$s\nprofile_rewrite \$host;<-",
      qr/unknown profile_schema "\$host"/ ],
    [ 'profile_schema, unknown but switched off below',
      "profile_rewrite t;<-\nserver { profile_rewrite off; }",
      qr/unknown profile_schema "t"/ ],

    # The block

    [ 'a schema, an unknown statement',
      "profile_schema a {\nidentity b;\nidentities c;<-\n}",
      qr/unknown statement "identities" in a schema/ ],
    [ 'a schema, a directive of nginx',
      "profile_schema a {\nproxy_pass http://b;<-\n}",
      qr/unknown statement "proxy_pass" in a schema/ ],
    [ 'a schema, the letter case', "profile_schema a {\nIdentity b;<-\n}",
      qr/unknown statement "Identity" in a schema/ ],
    [ 'a schema, too few words', "profile_schema a {\n\nrename b;<-\n}",
      qr/number of arguments in "rename", expected "rename OLD NEW"/ ],
    [ 'a schema, too many words', "profile_schema a {\nrename b c d;<-\n}",
      qr/number of arguments in "rename", expected "rename OLD NEW"/ ],
    [ 'a schema, no words', "profile_schema a {\nidentity;<-\n}",
      qr/number of arguments in "identity", expected "identity NAME/ ],
    [ 'a schema, a name twice',
      "profile_schema a {\nidentity b c;\ndrop d c;<-\nidentity e;\n}",
      qr/name "c" is claimed twice/ ],
    [ 'a schema, a second default',
      "profile_schema a {\ndefault root;\ndefault root;<-\n}",
      qr/"default" is duplicate/ ],
    [ 'a schema, a wrong value', "profile_schema a {\ndefault top;<-\n}",
      qr/invalid value "top" in "default", expected "app_metadata", (?#
        )"user_metadata" or "root"/ ],
    [ 'a schema, a wrong pattern', "profile_schema a {\ndrop b;\n"
      . "user_metadata ~(c;<-\n}", qr/invalid pattern "~\(c" at 2: \w+/ ],
    [ 'a schema, a name that is not UTF-8',
      "profile_schema a {\nidentity b\xff;<-\n}", qr/invalid UTF-8 in "b/ ],
    [ 'a schema, what only its end tells',
      "profile_schema a {\nwritable b for=c;\nprovider d;\n}<-",
      qr/unknown provider "c" in "for=", expected the ID of a "provider"/ ],
    [ 'a schema, no semicolon', "profile_schema a {\nidentity b\n}<-",
      qr/unexpected "\}"/ ],
    [ 'a schema, a file that is not there',
      "profile_schema a {\ninclude none.conf;<-\n}",
      qr/open\(\) "\S+none\.conf" failed/ ],
    [ 'a schema, two files in a line',
      "profile_schema a {\ninclude none.conf b.conf;<-\n}",
      qr/unknown statement "include" in a schema/ ],
    [ 'a schema that nothing names', "profile_schema a {\nkeep b;<-\n}",
      qr/unknown statement "keep" in a schema/ ],

    # profile_rewrite

    map({ [ "H1.1 profile_rewrite, $_->[0]",
            "$s\nserver {\nlocation / {\n\nprofile_rewrite $_->[1];<-\n} }",
            qr/invalid parameter "\Q$_->[2]\E", expected "envelope=PATH", (?#
              )"wrapper=NAME", "api=v2", "users=required\|any\|none", (?#
              )"answer=value" or "if=value", once each/ ] }
        ([ 'an unknown parameter', 's depth=1', 'depth=1' ],
         [ 'a bare word', 's on', 'on' ],
         [ 'an empty word', 's ""', '' ],
         [ 'two schemas', 's s', 's' ],
         [ 'no envelope', 's envelope', 'envelope' ],
         [ 'two envelopes', 's envelope=a envelope=b', 'envelope=b' ],
         [ 'no wrapper', 's wrapper', 'wrapper' ],
         [ 'two wrappers', 's wrapper=a wrapper=a', 'wrapper=a' ],
         [ 'api=v1', 's api=v1', 'api=v1' ],
         [ 'api=v2 in capitals', 's api=V2', 'api=V2' ],
         [ 'an empty api', 's envelope=a wrapper=b api=', 'api=' ],
         [ 'api=v2 twice', 's api=v2 if=1 api=v2', 'api=v2' ],
         [ 'an empty condition', 's if=', 'if=' ],
         [ 'no condition', 's if', 'if' ],
         [ 'two conditions', 's if=$arg_a if=$arg_b', 'if=$arg_b' ],
         [ 'the same condition twice', 's if=1 api=v2 if=1', 'if=1' ],
         [ 'a mode', 's mode=v2', 'mode=v2' ])),
    map({ my $path = $_;
          [ "M1.3 profile_rewrite, no path, '$path'",
            "$s\nserver {\nprofile_rewrite s envelope=$path;<-\n}",
            qr/invalid path in "envelope=\Q$path\E", expected 1 to 4 names (?#
              )between dots, in which "\\\." is a dot/ ] }
        '', '.', 'a.', '.a', 'a..b', 'a.b.c.d.e'),
    map({ my $name = $_;
          [ "M1.6 profile_rewrite, no name, '$name'",
            "$s\nserver {\nprofile_rewrite s envelope=a wrapper=$name;<-\n}",
            qr/invalid name in "wrapper=\Q$name\E", expected one, in which (?#
              )"\\\." is a dot/ ] }
        '', '.', 'a.b'),
    map({ [ "H1.6 profile_rewrite, no users and $_",
            "$s\nprofile_rewrite s $_ users=none;<-",
            qr/"profile_rewrite" directive with "users=none" reads no (?#
              )"envelope=" or "wrapper="/ ] }
        'envelope=a', 'wrapper=a', 'api=v2 envelope=a wrapper=a'),
    [ 'H1.1 profile_rewrite, an empty schema', 'profile_rewrite "";<-',
      qr/invalid schema name "", expected any word but "off"/ ],
    [ 'H1.1 profile_rewrite, off with a parameter',
      "\nprofile_rewrite off api=v2;<-",
      qr/invalid schema name "off", expected any word but "off"/ ],
    [ 'H1.1 profile_rewrite, off twice in one', "\nprofile_rewrite off off;<-",
      qr/invalid schema name "off"/ ],
    [ 'H1.1 profile_rewrite, off after a schema',
      "$s\nprofile_rewrite s;\nprofile_rewrite off;<-",
      qr/"profile_rewrite" directive is duplicate/ ],
    [ 'H1.1 profile_rewrite, a schema after off',
      "$s\nprofile_rewrite off;\nprofile_rewrite s;<-",
      qr/"profile_rewrite" directive is duplicate/ ],
    [ 'H1.1 profile_rewrite, no variable', "$s\nprofile_rewrite s if=a\$;<-",
      qr/invalid variable name/ ],
    [ 'H1.1 profile_rewrite, a block', "$s\nprofile_rewrite s {<- }",
      qr/directive "profile_rewrite" is not terminated by ";"/ ],

    # profile_guard

    map({ [ "H5.5 profile_guard, $_->[0]",
            "$s\nserver {\nlocation / {\n\nprofile_guard $_->[1];<-\n} }",
            qr/invalid parameter "\Q$_->[2]\E", expected "mode=v2", (?#
              )"mode=v1", "mode=call", "if=value" or, with "mode=v1" (?#
              )before it, "wrapper=NAME", once each/ ] }
        ([ 'an unknown mode', 's mode=v3', 'mode=v3' ],
         [ 'a mode in capitals', 's mode=V2', 'mode=V2' ],
         [ 'an empty mode', 's mode=', 'mode=' ],
         [ 'a bare mode', 's v2', 'v2' ],
         [ 'two modes', 's mode=v2 mode=v1', 'mode=v1' ],
         [ 'a mode twice', 's mode=v1 mode=v1', 'mode=v1' ],
         [ 'an empty condition', 's mode=v1 if=', 'if=' ],
         [ 'two conditions', 's if=$arg_a if=$arg_b', 'if=$arg_b' ],
         [ 'a parameter of profile_rewrite', 's mode=v2 api=v2', 'api=v2' ],
         [ 'an object in v2', 's mode=v2 wrapper=a', 'wrapper=a' ],
         [ 'an object and then the mode', 's wrapper=a mode=v1', 'wrapper=a' ],
         [ 'two objects', 's mode=v1 wrapper=a wrapper=b', 'wrapper=b' ])),
    [ 'H5.5 profile_guard, no mode', "$s\nprofile_guard s;<-",
      qr/no "mode=" in profile_guard "s", expected "mode=v2", (?#
      )"mode=v1" or "mode=call"/ ],
    [ 'H5.5 profile_guard, no mode but a condition',
      "$s\nserver {\nprofile_guard s if=\$arg_a;<- }",
      qr/no "mode=" in profile_guard "s", expected "mode=v2", (?#
      )"mode=v1" or "mode=call"/ ],
    [ 'H5.5 profile_guard, the mode of the outer level',
      "$s\nprofile_guard s mode=v2;\nserver { profile_guard s;<- }",
      qr/no "mode=" in profile_guard "s"/ ],
    [ 'H5.5 profile_guard, off with a mode',
      "\nprofile_guard off mode=v2;<-",
      qr/invalid schema name "off", expected any word but "off"/ ],
    [ 'H5.5 profile_guard, off and a guard',
      "$s\nprofile_guard off;\nprofile_guard s mode=v2;<-",
      qr/"profile_guard" directive is duplicate/ ],
    [ 'H5.5 profile_guard, no variable',
      "$s\nprofile_guard s mode=v1 if=\${a;<-",
      qr/the closing bracket in "a" variable is missing/ ],

    # Flags

    map({ my $name = $_;
          map { [ "$name $_", "server {\n$name $_;<- }",
                  qr/invalid value "$_" in "$name" directive, it must be (?#
                    )"on" or "off"/ ] } qw(1 yes s onoff) }
        qw(profile_rewrite_dry_run profile_guard_dry_run)),

    # Numbers and sizes: the ends of their ranges, and what is none

    map({ my ($name, $rule) = @$_;
          map { [ "$rule $name $_", "server {\n\n$name $_;<- }",
                  qr/"$name" directive invalid value/ ] }
              '""', qw(1.5k 1kb k 0x400 +1k on 99999999999999999999
                       9007199254740992k) }
        [ 'profile_buffer_size', 'H2.1' ], [ 'profile_max_user_size', 'M6.1' ],
        [ 'profile_guard_max_body_size', 'H5.3' ]),
    map({ [ "H5.3 profile_guard_max_body_size $_",
            "\nprofile_guard_max_body_size $_;<-",
            qr/"profile_guard_max_body_size" directive must be from 1k to (?#
              )1024m/ ] } qw(0 1023 0k 1025m 1073741825 9007199254740991k)),
    map({ [ "M6.1 profile_max_user_size $_", "\nprofile_max_user_size $_;<-",
            qr/"profile_max_user_size" directive must be from 1k to 1024m/ ] }
        qw(0k 1073741825 9007199254740991k)),
    map({ [ "M6.2 profile_max_depth $_", "\n\nprofile_max_depth $_;<-",
            qr/"profile_max_depth" directive invalid number/ ] }
        '""', qw(1.5 +1 0x10 off 99999999999999999999)),
    map({ [ "M6.2 profile_max_depth $_", "\n\nprofile_max_depth $_;<-",
            qr/value must be between 1 and 100000/ ] }
        qw(00 4294967297 9223372036854775807)),
    map({ [ "H5.5 profile_guard_status $_", "\n\nprofile_guard_status $_;<-",
            qr/value must be between 400 and 499/ ] } qw(0 200 4294967696)),

    # Templates

    map({ [ "U2.1 profile_user_id $_", "server {\n\nprofile_user_id $_;<- }",
            qr/invalid template "\Q$_\E", expected a path with one "\*" (?#
              )for a segment, such as "\/api\/v2\/users\/\*"/ ] }
        qw(on OFF / /** /*.json /u/:id $uri /u/**/x /*/a*)),

    # A duplicate, at each level

    map({ my $name = $_;
          map({ my $two = "$name $level{$name};\n$name $level{$name};<-\n";
                [ "$name twice in $_->[0]", sprintf("$s\n$_->[1]", $two),
                  qr/"$name" directive is duplicate/ ] }
              [ 'http', '%s' ], [ 'a server', "server {\n%s}" ],
              [ 'a location', "server {\nlocation / {\n%s} }" ]) }
        grep { $_ ne 'profile_types' } sort keys %level),

    # Too few words, too many

    map({ my $name = $_;
          my $many = join ' ', ('x') x (1 + ($most{$name} // 1));
          map { [ "$name, $_->[0] arguments", "server {\n$name$_->[1];<- }",
                  qr/invalid number of arguments in "$name" directive/ ] }
              [ 'no', '' ], $name eq 'profile_types' ? ()
                                                     : [ 'many', " $many" ] }
        sort keys %level),

    # Contexts that are none

    map({ my $name = $_;
          map { [ "$name in $_->[0]",
                  sprintf("$s\n$_->[1]", "\n$name $level{$name};<-"),
                  qr/"$name" $nowhere/ ] }
              [ 'an upstream', 'upstream u {%s }' ],
              [ 'an if', 'server { location / { if ($arg_a) {%s } } }' ],
              [ 'an if of a server', 'server { if ($arg_a) {%s } }' ],
              [ 'a limit_except',
                'server { location / { limit_except GET {%s } } }' ] }
        sort keys %level),
);

# Outside of http: in which option of the harness the text stands.

my @outside = map {
    my ($name, $text) = @$_;

    map { [ "$name in $_", $_, "\n$text", qr/"$name" $nowhere/ ] }
        qw(main events);
} [ 'profile_schema', "profile_schema a {<-\n}" ],
  map { [ $_, "$_ $level{$_};<-" ] } sort keys %level;


sub try {
    my ($where, $text) = @_;

    return $where eq 'http' ? $t->test_conf($text)
                            : $t->test_conf('', $where => $text);
}

# Where a text begins nginx knows best.

my %first;

sub first_line {
    my ($where) = @_;

    return $first{$where} //= do {
        my (undef, $out) = try($where, 'here_it_begins;');

        $out =~ /"here_it_begins" in \S+:(\d+)$/m ? $1
                                                  : die "no line: $out";
    };
}

sub refused {
    my ($name, $where, $text, $message) = @_;

    my ($before) = $text =~ /\A(.*?)<-/s or die "no mistake: $name";
    my $line = first_line($where) + ($before =~ tr/\n//);

    $text =~ s/<-//;

    my ($code, $out) = try($where, $text);
    my ($emerg) = $out =~ /^(.*\[emerg\].*)$/m;

    is($code, 1, "refused: $name") or diag($out);
    like($emerg // $out, qr{\[emerg\] .*$message.* in \S+/test\.conf:$line$},
         "refused, why and where: $name");
}

refused($_->[0], 'http', @$_[1, 2]) for @refused;
refused(@$_) for @outside;


# A mistake in a file that a schema includes is shown there.

my @files = (
    [ 'a statement', "identity b;\nkeep c;\n", 2,
      qr/unknown statement "keep" in a schema/ ],
    [ 'a name of the schema', "\n\ndrop a;\n", 3,
      qr/name "a" is claimed twice/ ],
    [ 'no semicolon', "identity b", 1,
      qr/unexpected end of file, expecting ";" or "\}"/ ],
    [ 'the end of the block', "identity b;\n}\n", 2, qr/unexpected "\}"/ ],
);

for my $case (@files) {
    my ($name, $file, $line, $message) = @$case;

    $t->write_file('part.conf', $file);

    my ($code, $out) = try('http', 'profile_schema s { identity a; '
                                   . 'include %%DIR%%/part.conf; }');

    is($code, 1, "refused: a file of a schema, $name");
    like($out, qr{\[emerg\] .*$message.* in \S+/part\.conf:$line$}m,
         "refused, why and where: a file of a schema, $name");
}

# What is said twice is shown with the place where it was said first, as nginx
# counts lines: a statement stands where it ends.

my $part = "identity a\n    b;\n\nmetadata_prefix app_metadata p_;\n"
           . "default root; null_metadata keep; metadata_names any;\n";

my @twice = (
    [ 'a name of the file', 'include %%DIR%%/part.conf; drop c b;',
      qr/name "b" is claimed twice/, 'part', 2 ],
    [ 'a name of the schema', "\ndrop b; include %%DIR%%/part.conf;",
      qr/name "b" is claimed twice/, 'test', 1 ],
    [ 'a name of two files',
      "include %%DIR%%/part.conf;\ninclude %%DIR%%/part.conf;",
      qr/name "a" is claimed twice/, 'part', 2 ],
    [ 'a prefix', "include %%DIR%%/part.conf;\nmetadata_prefix app_metadata q;",
      qr/"metadata_prefix app_metadata" is duplicate/, 'part', 4 ],
    [ 'a prefix of the other container',
      "include %%DIR%%/part.conf;\nmetadata_prefix user_metadata p_;",
      qr/prefix "p_" is used by the other container/, 'part', 4 ],
    [ 'a default', "\n\ndefault root;\ninclude %%DIR%%/part.conf;",
      qr/"default" is duplicate/, 'test', 2 ],
    [ 'null_metadata', "include %%DIR%%/part.conf;\nnull_metadata omit;",
      qr/"null_metadata" is duplicate/, 'part', 5 ],
    [ 'metadata_names', "include %%DIR%%/part.conf;\nmetadata_names any;",
      qr/"metadata_names" is duplicate/, 'part', 5 ],
    [ 'the schema', "include %%DIR%%/part.conf;\n}\nprofile_schema s {",
      qr/duplicate profile_schema "s"/, 'test', 0 ],
);

$t->write_file('part.conf', $part);

for my $case (@twice) {
    my ($name, $text, $message, $file, $line) = @$case;

    $line += first_line('http') if $file eq 'test';

    my ($code, $out) = try('http', "profile_schema s {$text }");

    is($code, 1, "refused: said twice, $name");
    like($out, qr{\[emerg\] .*$message, first in /\S+/$file\.conf:$line in (?#
             )/\S+\.conf:\d+$}m, "refused, first where: $name");
}

like((try('http', "profile_rewrite s;\nprofile_schema s { }\n"
                  . 'profile_schema s { }'))[1],
     qr{duplicate profile_schema "s", first in /\S+/test\.conf:@{[
         first_line('http') + 1 ]} in }m,
     'refused, first where: the schema, which was used before');

$t->write_file('part.conf', "\nprofile_rewrite none;\n");

like((try('http', "server { include %%DIR%%/part.conf; }\n$s"))[1],
     qr{unknown profile_schema "none" in \S+/part\.conf:2$}m,
     'refused: an unknown schema, where: in a file');

$t->write_file('part.conf', 'profile_schema s {');

like((try('http', 'include %%DIR%%/part.conf;'))[1],
     qr{unexpected end of file, expecting "\}" in \S+/part\.conf:1$}m,
     'refused: a schema without an end, where: in a file');


# What is right

$t->write_file('part.conf', "identity email;\ndrop _id;\n");

my @taken = (
    [ 'an empty schema', 'profile_schema a { }' ],
    [ 'two schemas of the same names',
      "$s profile_schema t { identity email; }" ],
    [ 'a name with a space',
      'profile_schema "my shop" { } profile_rewrite "my shop";' ],
    [ 'a name such as that of a parameter',
      'profile_schema if=1 { } profile_rewrite if=1 if=1;' ],
    [ 'the names "on" and "OFF"',
      'profile_schema on { } profile_schema OFF { } '
      . 'profile_rewrite on; profile_guard OFF mode=v1;' ],
    [ 'a schema behind its use', "profile_rewrite s; server { profile_guard s "
      . "mode=v1; location / { profile_rewrite s; } } $s" ],
    [ 'a schema of files', 'profile_schema a { identity b; include '
      . '%%DIR%%/part.conf; include %%DIR%%/none-*.conf; drop c; }' ],
    [ 'a provider behind its use',
      'profile_schema a { writable b for=c; provider c; }' ],
    [ 'H1.1 all parameters', "$s profile_rewrite s if=\$arg_a envelope=users "
      . 'wrapper=user users=any api=v2;' ],
    [ 'M1.3 the longest path, dots in names',
      "$s profile_rewrite s envelope=a.b\\.c.\\.d.e wrapper=a\\.b;" ],
    [ 'H1.1 an envelope of any name', "$s profile_rewrite s envelope=api=v2;" ],
    [ 'H1.1 a condition of no variables', "$s profile_rewrite s if=0;" ],
    [ 'H1.1 one at each level',
      "$s profile_rewrite s; server { profile_rewrite off; "
      . 'location / { profile_rewrite s api=v2; location /a { '
      . 'profile_rewrite off; } } }' ],
    [ 'H1.1 off without a schema', 'profile_rewrite off; profile_guard off; '
      . 'profile_user_id off;' ],
    [ 'H5.5 a condition before the mode', "$s profile_guard s if=\$arg_a "
      . 'mode=v1;' ],
    [ 'H5.5 each mode', "$s profile_guard s mode=v1; server { profile_guard s "
      . 'mode=v2; }' ],
    [ 'flags in capitals', 'profile_rewrite_dry_run ON; '
      . 'profile_guard_dry_run Off;' ],
    [ 'settings of what is off', 'server { ' . join(' ', map
        { "$_ $level{$_};" } grep { !/_(?:rewrite|guard)\z/ } sort keys %level)
      . ' }' ],
    [ 'H1.1 types in two directives', 'profile_types text/x text/y; '
      . 'profile_types text/z;' ],
    [ 'H1.1 all types, and one', 'profile_types * text/x; profile_types a/b;' ],
    [ 'H2.1 sizes of a buffer', 'profile_buffer_size 0k; server { '
      . 'profile_buffer_size 64K; location / { profile_buffer_size 1M; } }' ],
    [ 'H5.3 the ends of the range', 'profile_guard_max_body_size 1k; server { '
      . 'profile_guard_max_body_size 1073741824; }' ],
    [ 'H5.5 the ends of the range', 'profile_guard_status 400; server { '
      . 'profile_guard_status 499; }' ],
    map({ [ "U2.1 the template $_", "profile_user_id $_;" ] }
        qw(/* /*/ /u/* /u/*/metadata /a.b/*/c-d)),
);

for my $case (@taken) {
    my ($name, $text) = @$case;
    my ($code, $out) = try('http', $text);

    is($code, 0, "taken: $name") or diag($out);
    unlike($out, qr/\[(?:warn|error)\]/, "taken, no warning: $name");
}

like((try('http', 'profile_types text/x text/X;'))[1],
     qr{\[warn\] .*duplicate MIME type "text/X" in \S+/test\.conf:}i,
     'H1.1 a type twice is told');


# What it means below: a location of the backend, and others in it.

sub location {
    my ($uri, $text, @inner) = @_;

    return "location $uri { proxy_pass http://%%BACKEND%%; $text @inner }\n";
}

sub user {
    my ($pad) = @_;

    my $known = '"user_id":"a|1","email":"' . 'e' x $pad . '"';

    return ("{$known,\"plan\":[[]]}",
            "{$known,\"app_metadata\":{\"plan\":[[]]},\"user_metadata\":{}}",
            "{$known,\"app_metadata\":{},\"user_metadata\":{\"plan\":[[]]}}");
}

my ($v1, $v2, $of_t) = user(1);
my ($large, $large2) = user(1500);
my $error = '{"code":1,"error":"e"}';

my %body = (
    user  => { body => $v1 },
    text  => { body => $v1, type => 'text/x' },
    list  => { body => "{\"users\":[$v1]}" },
    texts => { body => "{\"users\":[$v1]}", type => 'text/x' },
    large => { body => $large },
    error => { body => $error, status => 404 },
);

my %known = (
    $v1 => 'v1', $v2 => 'v2', $of_t => 'v2 of t', $large2 => 'v2',
    "{\"users\":[$v1]}" => 'v1', "{\"users\":[$v2]}" => 'v2', $error => 'v1',
    "[$v2]" => 'v2 alone',
);

$t->backend({
    '*' => sub {
        my ($conn, $request) = @_;

        return $body{ ($request->{uri} =~ /\?(\w+)/)[0] // 'user' };
    },
});

my $read = join '',
    location('/', '', location('/in', '')),
    location('/t', 'profile_rewrite t;',
        location('/t/in', '',
            location('/t/in/s', 'profile_rewrite s;'))),
    location('/off', 'profile_rewrite off;',
        location('/off/in', '',
            location('/off/in/on', 'profile_rewrite s envelope=users;'))),
    location('/dry', 'profile_rewrite_dry_run on;',
        location('/dry/in', '',
            location('/dry/in/off', 'profile_rewrite_dry_run off;'))),
    location('/types', 'profile_rewrite s; profile_types application/json;',
        location('/types/in', '',
            location('/types/in/all', 'profile_types *;'))),
    location('/size', 'profile_rewrite s; profile_max_user_size 2k; '
                      . 'profile_buffer_size 64k;',
        location('/size/in', '',
            location('/size/in/less', 'profile_max_user_size 1k;'))),
    location('/depth', 'profile_rewrite s; profile_max_depth 2; '
                       . 'profile_buffer_size 64k;',
        location('/depth/in', '',
            location('/depth/in/more', 'profile_max_depth 3;'))),
    location('/buffer', 'profile_rewrite s; profile_buffer_size 64k;',
        location('/buffer/in', '',
            location('/buffer/in/none', 'profile_buffer_size 0;')));

my $write = join '',
    location('/u/', ''),
    location('/u/none/', 'profile_user_id off;',
        location('/u/none/in/', '')),
    location('/u/own/', 'profile_user_id /u/own/*;'),
    location('/off/', 'profile_guard off;', location('/off/in', '')),
    location('/if/', 'profile_guard s mode=v1 if=$arg_on; '
                     . 'profile_user_id off;',
        location('/if/in/', '',
            location('/if/in/all/', 'profile_guard s mode=v2;'))),
    location('/dry/', 'profile_guard_dry_run on; profile_user_id off;',
        location('/dry/in/', '',
            location('/dry/in/off/', 'profile_guard_dry_run off;'))),
    location('/set/', 'profile_guard_status 422; profile_user_id off; '
                      . 'profile_guard_max_body_size 2k;',
        location('/set/in/', ''));

$t->conf(<<"END");
    profile_schema s { identity email; writable email on=create; }
    profile_schema t { identity email; default user_metadata; }

    proxy_http_version 1.1;
    proxy_set_header Connection "";
    add_header X-Action \$profile_action always;
    add_header X-Reason \$profile_reason always;

    profile_rewrite s envelope=users api=v2 if=\$arg_v2;
    profile_rewrite_dry_run on;
    profile_types text/x;
    profile_buffer_size 0;
    profile_max_user_size 1k;
    profile_max_depth 2;

    server {
        listen 127.0.0.1:%%PORT%%;

        profile_rewrite_dry_run off;
        profile_types *;
        profile_max_depth 100;

        $read
    }

    server {
        listen 127.0.0.1:%%PORT_1%%;

        profile_rewrite off;
        profile_guard s mode=v2;
        profile_guard_status 403;
        profile_guard_max_body_size 1k;
        profile_user_id /u/*;

        $write
    }
END

$t->start;

my @below = (
    [ 'H1.1 all of http', '/in?list&v2=1', '200 v2 alone chunked' ],
    [ 'H1.1 the condition of http', '/in?list&v2=0', '200 v1 length' ],
    [ 'H1.1 a schema of its own', '/t?user', '200 v2 of t chunked' ],
    [ 'H1.1 no envelope of http', '/t?list', '200 v1 chunked' ],
    [ 'H1.1 no api=v2 of http', '/t?error', '404 v1 length' ],
    [ 'H1.1 the schema of the outer one', '/t/in?user', '200 v2 of t chunked' ],
    [ 'H1.1 no envelope, inherited', '/t/in?list', '200 v1 chunked' ],
    [ 'H1.1 another schema', '/t/in/s?user', '200 v2 chunked' ],
    [ 'H1.1 off', '/off?user&v2=1', '200 v1 length' ],
    [ 'H1.1 off ends api=v2', '/off?error&v2=1', '404 v1 length' ],
    [ 'H1.1 off, inherited', '/off/in?list&v2=1', '200 v1 length' ],
    [ 'H1.1 on in off', '/off/in/on?list', '200 v2 chunked' ],
    [ 'H4.1 dry run', '/dry?user&v2=1', '200 v1 length' ],
    [ 'H4.1 dry run, inherited', '/dry/in?user&v2=1', '200 v1 length' ],
    [ 'H4.1 no dry run in it', '/dry/in/off?list&v2=1',
      '200 v2 alone chunked' ],
    [ 'H1.1 all types', '/in?texts&v2=1', '200 v2 alone chunked' ],
    [ 'H1.1 other types', '/types?text&v2=1', '200 v1 length' ],
    [ 'H1.1 other types, inherited', '/types/in?text&v2=1', '200 v1 length' ],
    [ 'H1.1 other types, theirs', '/types/in?user&v2=1', '200 v2 chunked' ],
    [ 'H1.1 all types in it', '/types/in/all?text&v2=1', '200 v2 chunked' ],
    [ 'M6.1 the size of a user', '/buffer?large&v2=1', '502 user_too_large' ],
    [ 'M6.1 a larger one', '/size?large&v2=1', '200 v2 length' ],
    [ 'M6.1 a larger one, inherited', '/size/in?large&v2=1', '200 v2 length' ],
    [ 'M6.2 the depth', '/buffer?user&v2=1', '200 v2 length' ],
    [ 'H2.1 the buffer, inherited', '/buffer/in?user&v2=1', '200 v2 length' ],
    [ 'H2.1 no buffer in it', '/buffer/in/none?user&v2=1', '200 v2 chunked' ],
    [ 'M6.2 a lower depth', '/depth?user&v2=1', '502 too_deep' ],
    [ 'M6.2 a lower depth, inherited', '/depth/in?user&v2=1', '502 too_deep' ],
    [ 'M6.2 enough in it', '/depth/in/more?user&v2=1', '200 v2 length' ],
    [ 'M6.1 less in it', '/size/in/less?large&v2=1', '502 user_too_large' ],
);

for my $case (@below) {
    my ($name, $uri, $want) = @$case;
    my $r = $t->get($uri);
    my $what = $r->status == 502 ? $r->header('x-reason')
             : ($known{ $r->body } // $r->body) . ' ' . $r->framing;

    is($r->status . " $what", $want, "$name: $uri");
}

# A create may have the email, an update may not; no write has a "user_id".

my $email = '{"email":"e"}';
my $id = '{"user_id":"e"}';
my $long = '{"email":"' . 'e' x 1200 . '"}';

my @writes = (
    [ 'H5.5 the guard of the server', '/u/a%7C1', $email,
      '403 blocked attributes' ],
    [ 'U2.1 no id', '/u/none/x', $email, '200 passed allowed' ],
    [ 'U2.1 no id, inherited', '/u/none/in/x', $email, '200 passed allowed' ],
    [ 'U2.1 the template of the server', '/u/a%7C1/x', $email,
      '404 blocked path' ],
    [ 'U2.1 a template of its own', '/u/own/a%7C1', $email,
      '403 blocked attributes' ],
    [ 'H5.5 off', '/off/', $id, '200' ],
    [ 'H5.5 off, inherited', '/off/in', $id, '200' ],
    [ 'H5.5 a condition, false', '/if/', $id, '200 passed if' ],
    [ 'H5.5 a condition, true', '/if/?user&on=1', $id,
      '403 blocked attributes' ],
    [ 'H5.5 a condition, inherited', '/if/in/', $id, '200 passed if' ],
    [ 'H5.5 no condition of the outer one', '/if/in/all/', $id,
      '403 blocked attributes' ],
    [ 'H5.9 dry run', '/dry/', $id, '200 would_block attributes' ],
    [ 'H5.9 dry run, inherited', '/dry/in/', $id,
      '200 would_block attributes' ],
    [ 'H5.9 no dry run in it', '/dry/in/off/', $id,
      '403 blocked attributes' ],
    [ 'H5.3 the size of the server', '/u/none/', $long,
      '413 blocked body_too_large' ],
    [ 'H5.3 another size', '/set/', $long, '200 passed allowed' ],
    [ 'H5.3 another size, inherited', '/set/in/', $long, '200 passed allowed' ],
    [ 'H5.5 another status', '/set/', $id, '422 blocked attributes' ],
    [ 'H5.5 another status, inherited', '/set/in/', $id,
      '422 blocked attributes' ],
);

for my $case (@writes) {
    my ($name, $uri, $body, $want) = @$case;
    my $r = $t->request($uri =~ /own/ ? 'PATCH' : 'POST', $uri,
                        ':port' => $t->port(1), ':body' => $body,
                        'Content-Type' => 'application/json');

    is(join(' ', $r->status, grep { defined } map { $r->header($_) }
                                              qw(x-action x-reason)),
       $want, "$name: $uri");
}

done_testing;
