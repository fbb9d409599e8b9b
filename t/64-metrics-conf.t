#!/usr/bin/perl

# Proves that nginx -t refuses every mistake in the directives of the metrics,
# with the file, the line, the bad word and what was expected, and that it
# takes what is right in any order.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new;

sub try {
    my ($http) = @_;

    return $t->test_conf($http);
}

sub ok_conf {
    my ($name, $http) = @_;

    my ($rc, $out) = try($http);

    is($rc, 0, "taken: $name") or diag($out);
}

sub bad_conf {
    my ($name, $http, $line, @expected) = @_;

    my ($rc, $out) = try($http);
    my ($emerg) = $out =~ /^(.*\[emerg\].*)$/m;

    $emerg //= $out;

    isnt($rc, 0, "refused: $name");

    # Lines of the harness stand before the text.

    my $at = $line ? $line + first_line() - 1 : undef;

    like($emerg, qr{ in \S+/test\.conf:$at$}, "$name: the line") if $at;

    for my $text (@expected) {
        like($emerg, ref $text ? $text : qr/\Q$text\E/, "$name: says so");
    }
}

my $first;

sub first_line {
    if (!$first) {
        my ($rc, $out) = try("here_it_begins;\n");

        ($first) = $out =~ /"here_it_begins" in \S+:(\d+)$/m
            or die "no first line: $out";
    }

    return $first;
}

my $page = getpagesize();

sub getpagesize {
    require POSIX;
    return POSIX::sysconf(POSIX::_SC_PAGESIZE());
}

my $least = 8 * $page / 1024;

# What is right.

ok_conf('a zone', 'profile_zone z 1m;');
ok_conf('the smallest', "profile_zone z ${least}k; profile_zone k ${least}k "
        . 'key=$host;');
ok_conf('a key', 'profile_zone z 1m key=$server_name;');
ok_conf('a key of several', 'profile_zone z 1m "key=$server_name $scheme";');
ok_conf('a constant key', 'profile_zone z 1m key=a;');
ok_conf('the key that is shown for the rest', 'profile_zone z 1m key=other;');
ok_conf('a zone called "other"', 'profile_zone other 1m;');
ok_conf('two zones', 'profile_zone a 1m; profile_zone b 1m;');
ok_conf('use before definition', <<'END');
profile_metrics z;

server {
    location / { profile_metrics z; }
    location /off { profile_metrics off; }
}

profile_zone z 1m;
END
ok_conf('each format', <<'END');
server {
    location /a { profile_status; }
    location /b { profile_status prometheus; }
    location /c { profile_status json; }
    location /d { profile_status html; }
}
END
ok_conf('metrics in a server and a location',
        'profile_zone z 1m; profile_zone y 1m; profile_metrics z; '
        . 'server { profile_metrics off; location / { profile_metrics y; } }');
ok_conf('log.conf', 'include profile/log.conf; access_log x.log profile; '
        . 'access_log y.log profile_json if=$profile_action;');

# What is wrong: profile_zone.

bad_conf('no arguments', "profile_zone;\n", 1,
         'invalid number of arguments in "profile_zone" directive');
bad_conf('no size', "\nprofile_zone z;\n", 2,
         'invalid number of arguments in "profile_zone" directive');
bad_conf('four arguments', "profile_zone z 1m key=a b;\n", 1,
         'invalid number of arguments');
bad_conf('an empty name', "profile_zone '' 1m;\n", 1,
         'invalid zone name ""', 'other than "off"');
bad_conf('the name "off"', "profile_zone off 1m;\n", 1,
         'invalid zone name "off"');
bad_conf('a long name', 'profile_zone ' . 'z' x 121 . " 1m;\n", 1,
         'at most 120 bytes');
bad_conf('a name that is not UTF-8', "profile_zone z\xff 1m;\n", 1,
         'invalid zone name', 'of UTF-8');
bad_conf('no size at all', "profile_zone z big;\n", 1,
         'invalid zone size "big", expected');
bad_conf('a negative size', "profile_zone z -1m;\n", 1,
         'invalid zone size "-1m"');
bad_conf('too small', 'profile_zone z ' . ($least - 1) . "k;\n", 1,
         'zone size "' . ($least - 1) . 'k" is too small, '
         . "expected ${least}k at least");
bad_conf('zero', "profile_zone z 0;\n", 1, 'is too small');
bad_conf('another parameter', "profile_zone z 1m rate=1;\n", 1,
         'invalid parameter "rate=1", expected "key=value"');
bad_conf('an empty key', "profile_zone z 1m key=;\n", 1,
         'invalid parameter "key="');
bad_conf('an unknown variable', "profile_zone z 1m key=\$nothing;\n", 0,
         'unknown "nothing" variable');
bad_conf('a long constant key', 'profile_zone z 1m key=' . 'k' x 121 . ";\n",
         1, 'invalid key', 'at most 120 bytes');
bad_conf('a zone twice', "profile_zone z 1m;\nprofile_zone z 2m;\n", 2,
         'duplicate profile_zone "z"');
bad_conf('a zone of another module',
         'limit_req_zone $uri zone=z:1m rate=1r/s;' . "\n"
         . "profile_zone z 1m;\n", 2,
         qr/zone "z" is already (?:bound|declared)/);
bad_conf('a zone in a server', "server {\nprofile_zone z 1m;\n}\n", 2,
         '"profile_zone" directive is not allowed here');

# profile_metrics.

bad_conf('metrics of no zone', "profile_metrics;\n", 1,
         'invalid number of arguments in "profile_metrics" directive');
bad_conf('metrics of two', "profile_metrics a b;\n", 1,
         'invalid number of arguments');
bad_conf('metrics of an unknown zone',
         "profile_zone a 1m;\nserver {\nprofile_metrics z;\n}\n", 3,
         'unknown profile_zone "z"');
bad_conf('metrics twice',
         "profile_zone z 1m;\nprofile_metrics z;\nprofile_metrics off;\n", 3,
         '"profile_metrics" directive is duplicate');
bad_conf('metrics of an empty name', "profile_metrics '';\n", 1,
         'invalid zone name ""');

# profile_status.

bad_conf('an unknown format',
         "server {\nlocation / {\nprofile_status xml;\n}\n}\n", 3,
         'invalid format "xml", expected "prometheus", "json" or "html"');
bad_conf('two formats',
         "server {\nlocation / {\nprofile_status json html;\n}\n}\n", 3,
         'invalid number of arguments in "profile_status" directive');
bad_conf('status twice',
         "server {\nlocation / {\nprofile_status;\nprofile_status;\n}\n}\n", 4,
         '"profile_status" directive is duplicate');
bad_conf('status in a server', "server {\nprofile_status;\n}\n", 2,
         '"profile_status" directive is not allowed here');

done_testing;
