package Legacy::Answer;

# Answers as v1 gave them: status, type, body, and headers if any.  Its errors
# have no single form, which is what a client of v1 has to live with.

use strict;
use warnings;

use Exporter 'import';

use Legacy::Json qw(string);

our @EXPORT_OK = qw(json ok error no_user invalid refused user_exists
                    oauth_error unauthorized);

my %REASON = (
    400 => 'Bad Request', 404 => 'Not Found', 409 => 'Conflict',
    413 => 'Request Entity Too Large', 415 => 'Unsupported Media Type',
    500 => 'Internal Server Error'
);

sub json { return [200, 'application/json', $_[0]] }

# v1 answers writes without a result with a word, not with JSON.

sub ok { return [200, 'text/plain', 'OK'] }

sub error {
    my ($status, $text) = @_;

    return [$status, 'application/json', '{"error":' . string($text) . '}'];
}

sub no_user { return error(404, 'The user does not exist.') }

sub invalid {
    my ($status, $message) = @_;

    return [$status, 'application/json', sprintf
        '{"code":%d,"error":"%s","message":%s}', $status, $REASON{$status},
        string($message)];
}

sub refused {
    my ($what, $user) = @_;

    return invalid(400, "the $what of a user of the connection"
        . qq( "$user->{connection}" ($user->{strategy}) cannot be changed));
}

sub user_exists {
    return [409, 'application/json',
            '{"code":"user_exists","error":"Conflict",'
            . '"detail":"The user already exists."}'];
}

sub oauth_error {
    my ($status, $code, $description) = @_;

    return [$status, 'application/json', sprintf
        '{"error":"%s","error_description":%s}', $code, string($description)];
}

sub unauthorized {
    my $answer = oauth_error(401, 'invalid_token',
                             'The access token is missing or not valid');

    return [@$answer, 'WWW-Authenticate' => 'Bearer'];
}

1;
