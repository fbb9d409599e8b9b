package ProfileTest::Fuzz::Request;

# Requests for t/fuzz-http.pl, as they are before they become bytes of HTTP/1 or
# HTTP/2: method, uri, headers, body.

use strict;
use warnings;

use ProfileTest::Fuzz::Text qw(any chance between spell id value body damage
                               packed @TYPES);


# A request for that place; the header X-Fuzz names it.

sub request {
    my ($class, $place, $id) = @_;

    my $self = bless { place => $place, id => $id }, $class;
    my %spec = (headers => [ 'X-Fuzz' => $id ]);

    my $make = $self->can("_request_$place") // \&_request_read;

    $make->($self, \%spec);

    if (exists $spec{body} && defined $spec{body}) {
        my $type = chance(0.85) ? 'application/json' : any(@TYPES);

        push @{ $spec{headers} }, 'Content-Type' => $type if $type ne '';
        $spec{body} = damage($spec{body}) if chance(0.15);
        $spec{body} = packed($spec{body}) if chance(0.01);
    }

    push @{ $spec{headers} }, $self->_headers;

    return \%spec;
}


sub _headers {
    my ($self) = @_;

    my @headers;

    push @headers, 'X-V2' => any(1, 1, 0, '') if chance(0.5);
    push @headers, 'If-None-Match' => _tags() if chance(0.12);
    push @headers, 'If-Match' => _tags() if chance(0.05);
    push @headers, any(qw(If-Modified-Since If-Unmodified-Since)),
                   'Thu, 01 Jan 2015 00:00:00 GMT' if chance(0.05);
    push @headers, 'Accept-Encoding' => any('gzip', 'br, gzip;q=0.5')
        if chance(0.2);
    push @headers, Accept => any('application/json', 'text/html', '*/*')
        if chance(0.1);
    push @headers, Range => any('bytes=0-10', 'bytes=5-', 'bytes=-5')
        if chance(0.04);
    push @headers, Expect => '100-continue' if chance(0.03);
    push @headers, Connection => 'Upgrade', Upgrade => 'websocket'
        if chance(0.03);
    push @headers, any('X-HTTP-Method-Override', 'X-HTTP-Method',
                       'X_HTTP_Method_Override', 'x-method-override',
                       'Content_Length', 'Transfer_Encoding', 'Content.Type',
                       'X-Original-URL', 'X_Rewrite_URL', 'Content-Encoding',
                       'X-Accel-Redirect', 'If-Range', "X-\xe9"),
                   any('DELETE', '5', 'identity', '/api/users', 'gzip', '"e"')
        if chance(0.06);

    return @headers;
}


sub _tags {
    return any('*', '"e"', 'W/"e"', '@ETAG@', '@ETAG@', '"e", @ETAG@',
               '"e~v2s0123456789abcdef"', 'W/"e~v2w00"', 'e', '"', '"a","b"',
               '"e" x', ',', '"\\"', "\"\xe9\"");
}


# A text in a path or a query: each way to write it.

sub _escaped {
    my ($text, $safe) = @_;

    utf8::encode($text);

    my $how = rand;

    return join '', map {
        /[A-Za-z0-9._~-]/ && $how < 0.95 ? $_
        : $safe && index($safe, $_) >= 0 && $how > 0.3 ? $_
        : $how < 0.03 ? sprintf('%%25%02X', ord)
        : sprintf($how < 0.1 ? '%%%02x' : '%%%02X', ord)
    } split //, $text;
}


sub _query {
    my ($self, %likely) = @_;

    return '' if chance(0.5);

    my @names = (qw(fields include_fields include_totals page per_page q
                    connection email), sort keys %likely);
    my @arguments = map {
        my $name = chance(0.8) ? any(@names)
                   : any('picture', '_method', 'user_metadata[a]', 'sort',
                         spell(any(@ProfileTest::Fuzz::Text::PROTECTED)),
                         'a[__proto__]', 'include_totals', 'format', '');

        _escaped($name, '[]') . any('=', '=', '=', '=', '') . _argument($name)
    } 1 .. between(1, 3);

    return '?' . join any('&', '&', '&', ';', '&&'), @arguments;
}


sub _argument {
    my ($name) = @_;

    my %values = (
        fields => [ 'user_id', 'user_id,email', 'identities', 'app_metadata,',
                    ',,', 'x' x 500, 'name,user_id,nothing',
                    'app_metadata.plan,identities.connection',
                    'identities.profileData.access_token,email.x',
                    'user_metadata.a.b.c,a..b,.', 'a.' x 20 ],
        include_fields => [ 'true', 'false', '' ],
        include_totals => [ 'true', 'true', 'false', 'TRUE', '1' ],
        page => [ 0, 1, 5, -1, 'x', '99999999999999999999', '' ],
        per_page => [ 50, 100, 101, 1, 0, 'x', '1e1' ],
        connection => [ 'facebook', 'a/b', '..', '..\\..\\admin', '..;a', '' ],
        email => [ 'jo@example.com', 'a+b@c', '"', '*', "\\", '' ],
        _method => [ 'DELETE', 'PATCH' ],
        format => [ 'json', 'prometheus', 'html', 'x' ],
    );

    return any('%ff', '%00', '%', '%zz', '%e9', '%u0041') if chance(0.05);
    return _escaped(any(@{ $values{$name} // [ 'x', 'evil', "\x{e9}", '1' ] }),
                    '@,');
}


sub _request_read {
    my ($self, $spec) = @_;

    $spec->{method} = chance(0.8) ? 'GET'
                      : any(qw(HEAD HEAD OPTIONS POST PUT PATCH DELETE FOO));
    $spec->{uri} = "/$self->{place}/" . $self->{id}
                   . any('', '', '', '/x', '/' . _escaped(id()))
                   . $self->_query;
    $spec->{body} = body() if $spec->{method} =~ /\AP/ || chance(0.03);
}


sub _request_g1 {
    my ($self, $spec) = @_;

    $spec->{method} = any(qw(PATCH PATCH PATCH PUT POST GET DELETE));
    $spec->{uri} = "/$self->{place}/" . _escaped(id(), '|')
                   . (chance(0.9) ? '/metadata'
                      : any('/Metadata', '//metadata', '/metadata/',
                            '/%6detadata', '', '/metadata;x', '/email'))
                   . $self->_query;
    $spec->{body} = _write_v1() if chance(0.95);
}


sub _request_g2 {
    my ($self, $spec) = @_;

    $spec->{method} = any(qw(PATCH PATCH PATCH PUT POST GET DELETE));
    $spec->{uri} = "/$self->{place}/" . _escaped(id(), '|')
                   . (chance(0.93) ? '' : any('/', '/x', '/..', '//'))
                   . $self->_query;
    $spec->{body} = _write_v2() if chance(0.95);
}


sub _request_gc {
    my ($self, $spec) = @_;

    $spec->{method} = any(qw(POST POST POST POST PUT PATCH));
    $spec->{uri} = "/$self->{place}/" . $self->_query;
    $spec->{body} = _create() if chance(0.95);
}

sub _request_gd { goto &_request_g1 }


sub _request_quick {
    my ($self, $spec) = @_;

    $spec->{method} = chance(0.7) ? 'GET'
                      : any(qw(HEAD POST PUT PATCH DELETE OPTIONS TRACE));
    $spec->{uri} = any('/v2/users', '/v2/users/', '/v2/users/'
                       . _escaped(id(), '|'), '/v2//users', '/v2/usersx')
                   . $self->_query;
    $spec->{body} = _write_v2() if $spec->{method} =~ /\AP/ || chance(0.05);
}


sub _request_status {
    my ($self, $spec) = @_;

    $spec->{method} = chance(0.8) ? 'GET' : any(qw(HEAD POST PUT DELETE));
    $spec->{uri} = '/metrics' . any('', '?format=json', '?format=html',
                                    '?format=prometheus', '?format=%4ason',
                                    '?format=', '?format=x', '/x');
    $spec->{body} = body() if chance(0.1);
}


sub _request_gateway {
    my ($self, $spec) = @_;

    my $how = rand;

    if ($how < 0.15) {
        $spec->{method} = chance(0.9) ? 'GET' : any(qw(HEAD PUT DELETE PATCH));
        $spec->{uri} = any('/api/v2/users', '/api/v2/users',
                           '/api/v2/users-by-email')
                       . $self->_query(email => 1);

    } elsif ($how < 0.3) {
        $spec->{method} = 'POST';
        $spec->{uri} = '/api/v2/users' . (chance(0.9) ? '' : $self->_query);
        $spec->{body} = _create();

    } elsif ($how < 0.65) {
        $spec->{method} = any(qw(PATCH PATCH PATCH PATCH PUT));
        $spec->{uri} = '/api/v2/users/' . _escaped(id())
                       . (chance(0.85) ? '' : $self->_query);
        $spec->{body} = _write_v2();

    } elsif ($how < 0.8) {
        $spec->{method} = any(qw(GET GET GET HEAD DELETE OPTIONS));
        $spec->{uri} = '/api/v2/users/' . _escaped(id()) . $self->_query;
        $spec->{body} = _write_v2() if chance(0.05);

    } elsif ($how < 0.92) {
        $spec->{method} = any(qw(PATCH PATCH PUT POST GET DELETE));
        $spec->{uri} = any('/api/users/', '/api/users/', '/API/Users/')
                       . _escaped(id())
                       . any('/metadata', '/metadata', '/Metadata/',
                             '/metadata.json', '/%6detadata', '/metadat%61',
                             '/email', '/metadata%253Bx', '/x/../metadata',
                             "/m\xc1\xa5tadata", '/metadata%20', '')
                       . $self->_query;
        $spec->{body} = _write_v1() if chance(0.9);

    } else {
        $spec->{method} = any(qw(GET POST PATCH DELETE));
        $spec->{uri} = any('/api/v2/users//', '/api/v2//users',
                           '/api/v2/.stray',
                           '/api/v2/users/x%2F..%2F..%2F..%2Fusers',
                           '/api/v2/users/%2e%2e/users', '/api/V2/users',
                           '/api/v2/roles', '/.profile/metadata', '/api/v2',
                           '/.profile/bag', '/api/v2/users/', '/x/../api/v2/'
                           . 'users', '/api/v2/users;x', '/api%2Fv2/users',
                           '/api/v2/users/a%2F%2e%2e', '/api/./v2/users/a',
                           '/api/v2/users/%2F', '/oauth/token',
                           '/.profile/read');
        $spec->{body} = any(_write_v2(), _write_v1()) if chance(0.5);
    }
}

sub _request_other { goto &_request_gateway }


# Bodies of writes

sub _write_v1 {
    return body() if chance(0.05);
    return ProfileTest::Fuzz::Text::object(2);
}


sub _container {
    return any('null', '{}', '[]', '"x"', 'null', '{}') if chance(0.2);
    return ProfileTest::Fuzz::Text::object(2);
}


sub _write_v2 {
    return body() if chance(0.05);

    my @members;

    push @members, '"user_metadata":' . _container() if chance(0.6);
    push @members, '"app_metadata":' . _container() if chance(0.5);
    push @members, '"email":' . any('"a@b.c"', '""', 'null', '1')
        if chance(0.15);
    push @members, '"password":' . any('"correct horse"', '{}', 'null')
        if chance(0.1);
    push @members, any('"verify_email":true', '"connection":"auth0"',
                       '"client_id":"x"', '"blocked":true', '"name":"x"',
                       '"email_verified":true', '"verify_password":false')
        if chance(0.15);
    push @members, ProfileTest::Fuzz::Text::name() . ':' . value(2)
        if chance(0.15);
    push @members, $members[0] if @members && chance(0.03);

    return ProfileTest::Fuzz::Text::braces(@members);
}


sub _create {
    my @members;

    push @members, '"connection":'
                   . any('"auth0"', '"Username-Password-Authentication"',
                         '"sms"', '"email"', '"Facebook"', '"facebook "',
                         '["facebook"]', '"faceboo\\u212a"', '"auth0\\u0000"')
        if chance(0.85);
    push @members, '"email":"a@b.c"' if chance(0.6);
    push @members, '"password":"secret"' if chance(0.4);

    my $rest = _write_v2();

    return $rest if $rest !~ s/\A\{\s*//;

    # What follows is its first member, or its end.

    return '{' . join(',', @members, $rest =~ /\A\s*\}/ ? () : '') . $rest;
}


1;
