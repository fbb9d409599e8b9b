package Legacy::RequestLog;

# One JSON line for each request received: what tests ask "what did the
# backend see?".  In every string a character stands for one byte.

use strict;
use warnings;

use Fcntl qw(O_APPEND O_CREAT O_WRONLY);

sub open {
    my ($class, $file) = @_;

    sysopen my $handle, $file, O_WRONLY | O_APPEND | O_CREAT
        or die qq{cannot open request log "$file": $!\n};

    return bless { file => $file, handle => $handle }, $class;
}

# Written before the request is worked on, by one write: a client that has its
# answer finds the line.

sub write {
    my ($self, $request) = @_;

    my $headers = join ',', map {
        '[' . join(',', map { _string($_) } @$_) . ']'
    } @{$request->header_pairs};

    my $line = sprintf qq({"method":%s,"target":%s,"version":%s,)
        . qq("headers":[%s],"body":%s}\n), _string($request->method),
        _string($request->target), _string($request->version), $headers,
        _string($request->body);

    my $written = syswrite $self->{handle}, $line;
    die qq{cannot write request log "$self->{file}": $!\n}
        if !defined $written || $written < length $line;
}

sub _string {
    my ($bytes) = @_;

    $bytes =~ s/([^\x20\x21\x23-\x5b\x5d-\x7e])/sprintf '\\u%04x', ord $1/ge;

    return qq{"$bytes"};
}

1;
