#!/usr/bin/perl

# Proves that no header of the backend leads a v2 client back to v1, whatever
# the configuration around "api=v2" says.  It fails when the address of a v1
# call, or of the backend itself, leaves with an answer of the v2 API.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $v1 = '{"user_id":"auth0|1","plan":"x"}';

# Addresses as backends write them: whole, without a host, of a path that
# nginx's proxy_redirect turns into that of an internal location.

my @leads = (
    map({ ([ 'Location', $_ ], [ 'Content-Location', $_ ],
           [ 'Link', "<$_>; rel=\"next\"" ], [ 'Refresh', "0; url=$_" ]) }
        'http://HOST/api/users/auth0%7C1', '/api/users/x', 'x'),
    [ 'location', '//HOST/api/users/1' ],
    [ 'LINK', '</api/users?page=1>; rel=next, </api/users?page=9>; rel=last' ],
    [ 'Alt-Svc', 'h2="HOST"' ],
);

my $backend = $t->backend(sub {
    my ($conn) = @_;

    while (my $req = $conn->read_request) {
        my ($name, $value) = split /\n/, $t->read_file('lead');
        my ($status) = $req->{uri} =~ /status(\d+)/;

        $status //= $req->{method} eq 'POST' ? 201 : 200;

        $conn->send("HTTP/1.1 103 Early Hints\r\n$name: $value\r\n\r\n")
            if $req->{uri} =~ /hint/;

        $conn->answer($req, {
            status => $status,
            headers => [ $name => $value, $name => $value ],
            body => $status == 204 || $status == 304 ? undef
                    : $req->{uri} =~ m{/users\?} ? "[$v1]" : $v1,
        });
    }
});

my $hints = ProfileTest::version_number() >= 1029000 ? 'early_hints 1;' : '';

$t->conf(<<"END");
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;
        $hints

        # Nothing around it that would help.

        location /bare/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 api=v2;
        }

        location /bare/streaming {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 api=v2;
            profile_buffer_size 0;
        }

        location /v1/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
        }
    }
END

$t->start;

my @json = ('Content-Type' => 'application/json', ':body');
my %status = (204 => 204, 304 => 304, 301 => 502, 500 => 502);

for my $lead (@leads) {
    my $value = $lead->[1] =~ s/HOST/$backend->addr/er;

    $t->write_file('lead', "$lead->[0]\n$value");

    # U5.4: who is searched for may stand behind the next page.

    my $part = lc $lead->[0] eq 'link' && $value =~ /rel="?next/;

    for (
        [ 'GET', '/api/v2/users/auth0%7C1', 200 ],
        [ 'HEAD', '/api/v2/users/auth0%7C1', 200 ],
        [ 'GET', '/api/v2/users', 200 ],
        [ 'GET', '/api/v2/users?include_totals=true', 200 ],
        [ 'GET', '/api/v2/users-by-email?email=a@b.c', $part ? 502 : 200 ],
        [ 'POST', '/api/v2/users', 201, '{"email":"a@b.c"}' ],
        [ 'PATCH', '/api/v2/users/auth0%7C1', 200,
          '{"user_metadata":{"a":1}}' ],
        [ 'DELETE', '/api/v2/users/auth0%7C1', 204 ],
        [ 'GET', '/bare/1', 200 ],
        [ 'GET', '/bare/streaming', 200 ],
        [ 'PUT', '/bare/status201', 201 ],
        map({ [ 'GET', "/bare/status$_", $status{$_} // $_ ] }
            204, 301, 304, 401, 404, 500),
        $hints ? [ 'GET', '/bare/hint', 200 ] : (),
    ) {
        my ($method, $uri, $status, $body) = @$_;
        my $name = "$method $uri, $lead->[0]: $lead->[1]";
        my @asked = $uri =~ /304/ ? ('If-None-Match' => '*') : ();
        my $r = $t->request($method, $uri, @asked,
                            $body ? (@json, $body) : ());

        is($r->status, $status, "U6.1 status: $name");
        is_deeply([ grep { /\A(?:Location|Content-Location|Link|Refresh
                               |Alt-Svc):/xi } split /\r\n/, $r->raw_head ],
                  [], "U6.1 hidden: $name");
        is_deeply([ $r->interim ], [], "U6.1 no hints: $name") if $hints;
    }
}

# Without "api=v2" they are the operator's.

like($t->get('/v1/1')->raw_head, qr/^Alt-Svc: /m, 'U6.1 only with api=v2');

is_deeply([ $t->get('/v1/hint')->interim ], [ 103 ], 'H1.4 as they are')
    if $hints;

done_testing;
