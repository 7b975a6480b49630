// lksctp_notifications_page > docs/notifications.md

#include <iostream>

#include "notifications_page.h"

int main() { std::cout << lksctp::notifications_page(); }
