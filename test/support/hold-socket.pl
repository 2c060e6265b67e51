# Holds a listening socket and starts a command on it again and again, as systemd's socket units do (LISTEN_FDS):
#   perl hold-socket.pl PORT COMMAND ARGUMENT…
# Prints the port, then each pid of the command. A USR1 restarts it by TERM, a USR2 by KILL; a TERM ends both.
use strict;
use warnings;
use Socket;

my ($port, @command) = @ARGV;
$^F = 3;
socket(my $listener, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
fileno($listener) == 3 or die "the socket is not descriptor 3";
setsockopt($listener, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
bind($listener, sockaddr_in($port, INADDR_LOOPBACK)) or die "bind: $!";
listen($listener, 1024) or die "listen: $!";
my ($bound) = sockaddr_in(getsockname($listener));
$| = 1;
print "listening $bound\n";

my ($child, $ending) = (0, 0);
$SIG{USR1} = sub { kill 'TERM', $child if $child };
$SIG{USR2} = sub { kill 'KILL', $child if $child };
$SIG{TERM} = sub { $ending = 1; kill 'TERM', $child if $child };

until ($ending) {
  $child = fork() // die "fork: $!";
  if ($child == 0) {
    $ENV{LISTEN_FDS} = 1;
    $ENV{LISTEN_PID} = $$;
    exec(@command) or die "exec: $!";
  }
  print "started $child\n";
  while (waitpid($child, 0) == -1 && $!{EINTR}) { }
  print "ended $?\n";
}
