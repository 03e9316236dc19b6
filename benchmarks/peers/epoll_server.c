/* The limit that echo servers are compared with: epoll_server PORT, one thread, no library. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[1 << 18];

static void accept_all(int listener, int epoll_fd) {
  int fd, one = 1;
  while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
  }
}

static void echo(int fd) {
  ssize_t received = recv(fd, buffer, sizeof buffer, 0);
  if (received < 0 && errno == EAGAIN) return;
  for (ssize_t sent = 0; sent < received;) {
    ssize_t n = send(fd, buffer + sent, received - sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) received = -1;
    if (n > 0) sent += n;
  }
  if (received <= 0) close(fd);
}

int main(int argc, char **argv) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) {
    perror("bind");
    return 1;
  }
  int epoll_fd = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[1024];
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int ready = epoll_wait(epoll_fd, events, 1024, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd == listener) {
        accept_all(listener, epoll_fd);
      } else {
        echo(events[i].data.fd);
      }
    }
  }
}
