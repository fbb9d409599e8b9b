#!/usr/bin/perl

# Proves that what is empty is taken for what it is: a body of no bytes (H1.7),
# a container that PHP writes as a list (M3.7); and that what is long costs
# little: many fields (U5.3), a long name (M2.8).  It fails when a preflight is
# a 502, when [] hides attributes, when a name takes a list away, or when the
# time for a list grows with the fields that a client asks for.

use lib 't/lib';
use ProfileTest;

use Time::HiRes qw(time);

my $t = ProfileTest->new(log => 'info');

my $chains = 'urn:oid:1' . '.1' x 1400;
my %long = map { $_ => 'urn:oid:' . '1.' x (($_ - 8) / 2) } 1000, 1024;
my $many = join ',', map { qq({"user_id":"auth0|$_",)
    . join(',', map { qq("n$_":$_) } 1 .. 300) . '}' } 1 .. 300;

my $backend = $t->backend({
    '/length' => { body => '' },
    '/chunks' => { body => '', framing => 'chunked' },
    '/close'  => { body => '', framing => 'close', version => '1.0' },
    '/typed'  => { body => '', type => 'text/plain' },
    '/none'   => { body => '', type => '' },
    '/201'    => { body => '', status => 201 },
    '/space'  => { body => ' ' },
    '/gzip'   => { body => '', headers => [ 'Content-Encoding' => 'gzip' ] },
    '/php'    => { body => '[{"user_id":"auth0|1","app_metadata":[],'
                           . '"user_metadata":[ ],"plan":1}]' },
    '/chain'  => { body => qq([{"user_id":"samlp|1","$chains":1},)
                           . '{"user_id":"samlp|2"}]' },
    map({ ("/long-$_" => { body => qq({"user_id":"samlp|1","$long{$_}":1}) })
        } keys %long),
    '/many'   => { body => "[$many]" },
}, record => 0);

$t->conf(<<'END');
    include profile/auth0.conf;

    profile_schema deep {
        provider samlp "~urn:oid:(?:(?:(?:[0-9])(?:\.))?)+";
        default user_metadata;
    }

    profile_schema wide {
        default root;
    }

    log_format said '$request_method $request_uri $profile_action '
                    '$profile_reason';

    client_header_buffer_size 64k;

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/said.log said;

        location /plain/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
        }

        location /stream/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_buffer_size 0;
        }

        location /dry/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_rewrite_dry_run on;
        }

        location /v2/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2;
        }

        location /v2any/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2 users=any;
        }

        location /deep/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite deep;
        }

        location /fields/ {
            proxy_pass http://%%BACKEND%%/many;
            profile_rewrite wide;
            profile_fields $arg_f exclude=$arg_x;
            profile_buffer_size 16m;
        }
    }
END

$t->start;

sub said {
    my ($what) = @_;
    my $line;

    $t->wait(sub {
        ($line) = $t->read_file('said.log') =~ /^\Q$what\E (.*)$/m;
    });

    return $line;
}

sub empty {
    my ($method, $uri, $passes, $status) = @_;

    my $r = $t->request($method, $uri);

    if ($passes) {
        is($r->status, $status // ($uri =~ /201/ ? 201 : 200),
           "H1.7 $method $uri: status");
        is($r->body, '', "H1.7 $method $uri: empty");
        ok($r->complete, "H1.7 $method $uri: whole");
        is(said("$method $uri"), $passes, "H1.7 $method $uri: reason");

    } elsif ($uri =~ /^.stream/) {
        ok(!$r->complete, "H1.7 $method $uri: cut");

    } elsif ($uri =~ /^.dry/) {
        like(said("$method $uri"), qr/would_fail/, "H1.7 $method $uri: dry");

    } else {
        is($r->status, 502, "H1.7 $method $uri: status");
        like($r->body, qr/"errorCode":"invalid_upstream_profile"/,
             "H1.7 $method $uri: code");
    }
}

my @empty = ('length', 'chunks', 'close', '201');

for my $where ('plain', 'stream', 'dry') {
    for my $method ('OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE') {
        empty($method, "/$where/$_", 'passed no_body') for @empty;
        empty($method, "/$where/space");
    }

    empty('GET', "/$where/$_") for @empty;
}

empty('POST', '/plain/gzip', 'passed no_body');
empty('POST', '/plain/typed', 'passed no_body');

for my $where ('v2', 'v2any') {
    empty('OPTIONS', "/$where/$_", 'passed no_body')
        for 'length', 'typed', 'none', '201';
    empty('OPTIONS', "/$where/chunks", 'passed no_body');
    empty('DELETE', "/$where/length", 'passed status', 204);
    empty('GET', "/$where/$_") for @empty;
}

for my $method ('PUT', 'POST', 'PATCH') {
    empty($method, "/v2/$_") for @empty, 'typed', 'none';
    empty($method, "/v2any/$_", 'passed no_body', $method eq 'POST' ? 201
                                                                    : undef)
        for @empty;
}


is($t->get('/plain/php')->body, '[{"user_id":"auth0|1","app_metadata":'
   . '{"plan":1},"user_metadata":{}}]', 'M3.7 empty maps of PHP');


is($t->get('/plain/chain')->status, 200, 'M2.8 a chain: status');
is($t->get('/plain/chain')->body, '[{"user_id":"samlp|1","app_metadata":'
   . qq({"$chains":1},"user_metadata":{}},{"user_id":"samlp|2",)
   . '"app_metadata":{},"user_metadata":{}}]', 'M2.8 a chain: not matched');

for (1000, 1024) {
    is($t->get("/deep/long-$_")->body, qq({"user_id":"samlp|1","$long{$_}":1,)
       . '"app_metadata":{},"user_metadata":{}}', "M2.8 a name of $_ bytes");
}


# What 1500 names cost is compared with what one costs.

my $names = join ',', map { "name$_" } 1 .. 1500;
my ($one, $all);

for (1 .. 3) {
    my $start = time;

    $t->get('/fields/?f=user_id');
    $one = time - $start if !defined $one || $one > time - $start;
    $start = time;

    my $r = $t->get("/fields/?f=$names,user_id");

    $all = time - $start if !defined $all || $all > time - $start;

    is($r->body, '[' . join(',', map { qq({"user_id":"auth0|$_"}) } 1 .. 300)
       . ']', 'U5.3 1500 names');
}

note(sprintf('one field: %.4f s, 1500: %.4f s', $one, $all));

is(length $t->get("/fields/?f=$names&x=false")->body,
   length $t->get('/fields/?f=none&x=false')->body, 'U5.3 1500 names less');

done_testing;
