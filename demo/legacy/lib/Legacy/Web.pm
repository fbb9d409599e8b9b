package Legacy::Web;

# A legacy API: routes on the raw path, and answers, which are a status, a type
# (undef where there is no body), a body, and headers if any.  An API that is
# built on it has its paths: methods, patterns and handlers; a gate before them;
# and errors of its own, for paths that are unknown and requests that failed.

use strict;
use warnings;

use Mojo::Base 'Mojolicious';

use Mojo::Util qw(md5_sum);

use Legacy::Json qw(members indent);
use Legacy::Request;
use Legacy::Url qw(split_target segment);

has [qw(store request_log pretty authority)];

sub startup {
    my ($self) = @_;

    $self->mode('production');
    $self->log->level('error');
}

sub build_tx {
    my ($self) = @_;

    my $tx = $self->SUPER::build_tx;
    $tx->req(Legacy::Request->new);
    $tx->req->content->auto_upgrade(0);

    return $tx;
}

# Mojolicious would look for files and for routes on the decoded path here.

sub dispatch {
    my ($self, $c) = @_;

    my $answer = eval { $self->_answer($c->req) } || $self->_failure($@);
    my ($status, $type, $body, %headers) = @$answer;

    my $json = defined $type && $type eq 'application/json';
    my $headers = $c->res->headers;

    $body = indent($body) if $self->pretty && $json;
    $headers->content_type("$type; charset=utf-8") if defined $type;
    $headers->header($_ => $headers{$_}) for keys %headers;

    if ($self->has_tags && $status == 200 && $json
        && $c->req->method =~ /\A(?:GET|HEAD)\z/)
    {
        my $tag = 'W/"' . md5_sum($body) . '"';

        $headers->etag($tag);

        if (_is_known($c->req->headers->if_none_match // '', $tag)) {
            $headers->remove('Content-Type');
            $status = 304;
            $body = '';
        }
    }

    return $c->rendered($status) if !defined $type;

    $c->render(data => $body, status => $status);
}

# Whether what is read has an entity tag.

sub has_tags { return 1 }

# The weak comparison of RFC 9110.

sub _is_known {
    my ($list, $tag) = @_;

    return $list =~ /\A\s*\*\s*\z/
        || grep { "W/$_" eq $tag } $list =~ /("[^"]*")/g;
}

sub _answer {
    my ($self, $request) = @_;

    $self->request_log->write($request) if $self->request_log;

    die $self->failed(413, 'the request is too large')
        if $request->is_limit_exceeded;
    die $self->failed(400, $request->error->{message}) if $request->error;

    my ($path, $query) = split_target($request->target);
    my $method = $request->method eq 'HEAD' ? 'GET' : $request->method;

    my $answer = $self->gate($request, $method, $path, $query);
    return $answer if $answer;

    my ($handler, @segments) = $self->find($method, $path, $self->paths);

    return $handler ? $self->$handler($request, $query, @segments)
                    : $self->unknown($method, $path);
}

# An answer that comes before the routes, such as one to who may not ask.

sub gate { return }

# The handler of a path, and what its captures are: one segment each, decoded.

sub find {
    my ($self, $method, $path, @routes) = @_;

    for my $route (@routes) {
        next if $route->[0] ne $method;

        my @raw = $path =~ $route->[1] or next;
        my @segments = map {
            segment($_) // die $self->failed(400, qq{cannot decode "$_"})
        } $#+ ? @raw : ();

        return ($route->[2], @segments);
    }

    return;
}

# What was thrown is an answer, or else a fault of this program.

sub _failure {
    my ($self, $error) = @_;

    return $error if ref $error eq 'ARRAY';

    $self->log->error($error);

    return $self->failed(500, 'the request could not be served');
}

# The scheme and host that the client used.

sub url_base {
    my ($self, $request) = @_;

    my $headers = $request->headers;
    my $host = $headers->host || $self->authority;
    my $scheme = lc($headers->header('X-Forwarded-Proto') // '') eq 'https'
        ? 'https' : 'http';

    return "$scheme://$host";
}

# The members of the body, which is one JSON object.

sub body_members {
    my ($self, $request) = @_;

    my $type = $request->headers->content_type // '';
    $type =~ m{\A\s*application/(?:[^\s;/]+\+)?json\s*(?:;|\z)}i
        or die $self->failed(415, 'the body must be application/json');

    return eval { members($request->body) } // do {
        chomp(my $reason = $@);
        die $self->failed(400, "the body is no JSON object: $reason");
    };
}

# A number of the query, or what stands for it.

sub natural {
    my ($self, $text, $default) = @_;

    return defined $text && $text =~ /\A[0-9]{1,9}\z/ ? $text : $default;
}

1;
