package ProfileTest::Fuzz::Answer;

# Answers of the backend for t/fuzz-http.pl: bytes in pieces, and how the
# connection ends.

use strict;
use warnings;

use ProfileTest::Fuzz::Text qw(any chance between object profile body chunked
                               damage pieces packed $SECRET @TYPES);


# What the backend answers, by kind of request.

sub answers {
    my ($class, $place) = @_;

    my %answers = (any => [ map { _answer() } 1 .. between(1, 2) ]);

    if ($place =~ /\A(?:gateway|other)\z/) {
        my $fine = sub {
            return _bytes(200, [ 'Content-Type' => 'application/json' ], $_[0]);
        };
        my $damaged = chance(0.5);

        %answers = (
            any    => [ _answer() ],
            read   => [ $damaged ? _answer()
                                 : $fine->(chance(0.5) ? profile()
                                           : '[' . profile() . ']') ],
            write  => [ chance(0.75) ? _bytes(200, [], 'OK') : _answer() ],
            bag    => [ chance(0.7) ? $fine->(object(2)) : _answer() ],
            create => [ $damaged ? _answer() : $fine->(profile()) ],
        );
    }

    return \%answers;
}


sub _bytes {
    my ($status, $headers, $body) = @_;

    my @headers = @$headers;
    my $text = "HTTP/1.1 $status Fine\r\n";

    while (my ($name, $value) = splice @headers, 0, 2) {
        $text .= "$name: $value\r\n";
    }

    $text .= 'Content-Length: ' . length($body) . "\r\n\r\n$body";

    return { pieces => [ pieces($text) ], end => 'keep' };
}


sub _answer {
    my $body = body();
    my $status = chance(0.7) ? 200
                 : any(201, 201, 202, 203, 204, 205, 206, 207, 226, 299, 300,
                       301, 302, 304, 304, 400, 401, 403, 404, 404, 409, 412,
                       416, 422, 429, 499, 500, 502, 503, 504, 599, 600, 999);

    $body = damage($body) if chance(0.15);

    my $gzip = chance(0.15);

    if ($gzip) {
        $body = packed($body);
        $body .= packed(profile()) if chance(0.05);
        $body = damage($body, 1) if chance(0.2);
    }

    my $type = chance(0.8) ? 'application/json' : any(@TYPES);
    my @lines;

    push @lines, "Content-Type: $type" if $type ne '';
    push @lines, 'Content-Encoding: ' . any('gzip', 'gzip', 'gzip', 'GZIP',
                                            'x-gzip', 'gzip, gzip')
        if $gzip && chance(0.97);
    push @lines, _headers();

    return _framed($status, $body, @lines);
}


sub _headers {
    my $secret = $SECRET . '0X';
    my @lines;

    push @lines, 'ETag: ' . any('"e"', 'W/"e"', '"e~v2s0"', 'e', '"', '""')
        if chance(0.4);
    push @lines, 'Last-Modified: Wed, 01 Jan 2014 00:00:00 GMT' if chance(0.2);
    push @lines, 'Cache-Control: ' . any('max-age=100', 'no-store', 'max-age=x')
        if chance(0.2);
    push @lines, any("Location: /$secret", "Link: <$secret>; rel=\"next\"",
                     "Content-Location: /$secret", "Refresh: 0;url=$secret",
                     "Alt-Svc: $secret")
        if chance(0.15);
    push @lines, any('X-Accel-Redirect: /.profile/bag',
                     'X-Accel-Redirect: /any/redirected',
                     'X-Accel-Buffering: no',
                     'X-Accel-Expires: 10', 'X-Accel-Limit-Rate: 100000',
                     'X-Accel-Charset: x')
        if chance(0.05);
    push @lines, any('Content-Encoding: br', 'Content-Encoding: identity',
                     'Content-Range: bytes 0-5/100', 'Accept-Ranges: bytes',
                     'Content-MD5: x', 'Trailer: Digest', 'Upgrade: x',
                     'Set-Cookie: a=b', 'Vary: *', 'Retry-After: 1',
                     'Content-Disposition: x', 'X-Total-Count: 7',
                     'X-Total-Count: x', 'Expires: 0', 'WWW-Authenticate: x',
                     'Content-Type: text/plain', "X-\xe9: \xff", 'Bad header',
                     ': x', "A: b\r\n c", 'Transfer-Encoding: x',
                     'Content-Length: 1', 'X: ' . 'y' x 5000)
        if chance(0.15);

    return @lines;
}


sub _framed {
    my ($status, $body, @lines) = @_;

    my $how = rand;
    my $end = 'keep';
    my $before = '';

    if ($how < 0.5) {
        push @lines, 'Content-Length: ' . length $body;

    } elsif ($how < 0.75) {
        push @lines, 'Transfer-Encoding: chunked';
        $body = chunked($body);

    } elsif ($how < 0.85) {
        $end = 'close';

    } elsif ($how < 0.92) {
        push @lines, 'Content-Length: '
                     . (length($body) + any(-1, 1, -10, 10, -1000, 5000));
        $end = any('close', 'close', 'reset');

    } else {
        push @lines, 'Transfer-Encoding: chunked';
        $body = damage(chunked($body), 1);
        $end = any('close', 'close', 'reset');
    }

    $before = any("HTTP/1.1 100 Continue\r\n\r\n",
                  "HTTP/1.1 103 E\r\nA: b\r\n\r\n",
                  "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
                  "\r\n", "junk\r\n")
        if chance(0.02);

    # After a status without a body nothing may follow on the connection.

    $end = 'close' if $end eq 'keep' && ($status < 200 || $status == 204
                                         || $status == 304 || $before ne '');

    my $line = chance(0.97) ? "HTTP/1.1 $status Fine"
               : any("HTTP/1.0 $status Fine", "HTTP/1.1 $status", 'HTTP/0.9',
                     "HTTP/1.1  $status x", "HTTP/1.1 0$status", 'ICY 200 OK',
                     "HTTP/2 $status", "HTTP/1.1 $status \xe9\x01");
    my $text = $before . join("\r\n", $line, @lines) . "\r\n\r\n" . $body;

    if (chance(0.06)) {
        $text = damage($text);
        $end = 'close';
    }

    if (chance(0.05)) {
        $text = substr $text, 0, int rand length $text;
        $end = any('close', 'reset');
    }

    $end = 'stall' if $end eq 'close' && chance(0.01);
    $end = 'close' if $end eq 'keep' && chance(0.2);

    return { pieces => [ pieces($text) ], end => $end,
             chance(0.03) ? (early => 1) : () };
}


1;
