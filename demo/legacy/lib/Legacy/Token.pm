package Legacy::Token;

# Signed tokens that end by themselves: each is good for one scope.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);

sub new {
    my ($class, $secret) = @_;

    return bless { secret => $secret }, $class;
}

sub issue {
    my ($self, $scope, $seconds) = @_;

    my $end = time + $seconds;

    return "$end." . hmac_sha256_hex("$end $scope", $self->{secret});
}

sub verify {
    my ($self, $scope, $token) = @_;

    my ($end, $signature) = $token =~ /\A([0-9]{1,12})\.([0-9a-f]{64})\z/
        or return 0;

    return $end >= time
        && $signature eq hmac_sha256_hex("$end $scope", $self->{secret});
}

# Hex digits for that many random bytes.

sub random {
    my ($length) = @_;

    open my $source, '<:raw', '/dev/urandom'
        or die "cannot open /dev/urandom: $!\n";
    read($source, my $bytes, $length) == $length
        or die "cannot read /dev/urandom: $!\n";

    return unpack 'H*', $bytes;
}

1;
